//! Which GPUs the processes of a control group may open: a small program in the kernel that says no to the others.
//!
//! The interface is bpf(2) with `BPF_PROG_TYPE_CGROUP_DEVICE`. NVIDIA's cards are the character devices 195:0 to 195:253;
//! 195:254 and 195:255 are for all.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::path::Path;

const NVIDIA: i32 = 195;
const FIRST_FOR_ALL: i32 = 254;

/// `struct bpf_insn`.
#[repr(C)]
struct Instruction {
    code: u8,
    registers: u8,
    offset: i16,
    value: i32,
}

/// `union bpf_attr` of `BPF_PROG_LOAD`, up to what is used; the kernel takes the rest for zero.
#[repr(C)]
struct Load {
    kind: u32,
    length: u32,
    program: u64,
    license: u64,
    log: [u64; 2],
    version: u32,
    flags: u32,
    name: [u8; 16],
}

/// `union bpf_attr` of `BPF_PROG_ATTACH`.
#[repr(C)]
struct Attach {
    target: u32,
    program: u32,
    kind: u32,
    flags: u32,
}

const PROG_LOAD: i64 = 5;
const PROG_ATTACH: i64 = 8;
const KIND_CGROUP_DEVICE: u32 = 15;
const ATTACH_CGROUP_DEVICE: u32 = 6;
/// Filters of the groups above stay in force.
const ALLOW_MULTI: u32 = 2;

/// Denies every NVIDIA card but those with these minor numbers; lives as long as the group.
pub(crate) fn allow_only(group: &Path, minors: &[u32]) -> io::Result<()> {
    let group = File::open(group)?;
    let program = program(minors)?;
    let load = Load {
        kind: KIND_CGROUP_DEVICE,
        length: u32::try_from(program.len()).map_err(io::Error::other)?,
        program: program.as_ptr().addr() as u64,
        license: c"GPL".as_ptr().addr() as u64,
        log: [0; 2],
        version: 0,
        flags: 0,
        name: *b"rota_gpus\0\0\0\0\0\0\0",
    };
    let loaded = bpf(PROG_LOAD, &load)?;
    let number = |fd: &dyn AsRawFd| u32::try_from(fd.as_raw_fd()).map_err(io::Error::other);
    let attach = Attach {
        target: number(&group)?,
        program: number(&loaded)?,
        kind: ATTACH_CGROUP_DEVICE,
        flags: ALLOW_MULTI,
    };
    bpf_attach(&attach)
}

/// The context in register 1 holds access, major and minor; what is left in register 0 is the answer.
fn program(minors: &[u32]) -> io::Result<Vec<Instruction>> {
    let load = |to, offset| Instruction { code: 0x61, registers: to | 1 << 4, offset, value: 0 };
    let jump =
        |code, register, value, offset| Instruction { code, registers: register, offset, value };
    let answer =
        |value| [Instruction { code: 0xb7, registers: 0, offset: 0, value }, jump(0x95, 0, 0, 0)];
    const MAJOR: u8 = 2;
    const MINOR: u8 = 3;
    let to_yes = |left: usize| i16::try_from(left).map_err(io::Error::other);
    let mut all = vec![load(MAJOR, 4), load(MINOR, 8)];
    all.push(jump(0x55, MAJOR, NVIDIA, to_yes(minors.len() + 3)?));
    for (at, minor) in minors.iter().enumerate() {
        let minor = i32::try_from(*minor).map_err(io::Error::other)?;
        all.push(jump(0x15, MINOR, minor, to_yes(minors.len() - at + 2)?));
    }
    all.push(jump(0x35, MINOR, FIRST_FOR_ALL, 2));
    all.extend(answer(0));
    all.extend(answer(1));
    Ok(all)
}

fn bpf(command: i64, load: &Load) -> io::Result<OwnedFd> {
    let fd = call(command, load)?;
    #[expect(unsafe_code, reason = "the kernel returns a bare number")]
    // SAFETY: a new descriptor that nobody else has.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

fn bpf_attach(attach: &Attach) -> io::Result<()> {
    call(PROG_ATTACH, attach).map(drop)
}

#[expect(unsafe_code, reason = "bpf(2) has no safe form")]
fn call<T>(command: i64, attributes: &T) -> io::Result<i32> {
    // SAFETY: the attributes have the layout of the command, and everything they point to lives until the call is over.
    let result = unsafe {
        nix::libc::syscall(
            nix::libc::SYS_bpf,
            command,
            std::ptr::from_ref(attributes),
            size_of::<T>(),
        )
    };
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        i32::try_from(result).map_err(io::Error::other)
    }
}
