//! The helper process: it makes the calls into the driver that can hang or crash, one after the other, as it is told.
//!
//! A line of JSON in, a line of JSON out. It is kept, because beginning with CUDA takes seconds. It ends when its input
//! does, and never inside a call.

use nvml_wrapper::Nvml;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use super::Libraries;
use super::cuda::{Cuda, State};

/// What the helper is asked.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Ask {
    /// The driver's version and what is on its GPUs.
    Memory,
    /// Where a process is.
    State { pid: i32 },
    /// Let no more calls through.
    Lock { pid: i32, patience_ms: u32 },
    /// Move what is on the GPU into the process.
    Checkpoint { pid: i32 },
    /// Move it back.
    Restore { pid: i32 },
    /// Let calls through again.
    Unlock { pid: i32 },
}

/// What it answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    Memory(Memory),
    State(State),
    Done,
    /// The driver's number.
    Refused(i32),
    /// There is no driver that could be asked.
    Unavailable(String),
}

/// What is on the GPUs now.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Memory {
    pub driver: String,
    pub gpus: Vec<GpuMemory>,
}

/// One GPU; memory in bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct GpuMemory {
    pub uuid: String,
    pub free: u64,
    /// Pid and what it uses.
    pub processes: Vec<(i32, u64)>,
}

/// The whole life of the helper.
pub fn main() -> ExitCode {
    let mut driver = Driver { libraries: Libraries::from_environment(), cuda: None, nvml: None };
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        let Ok(ask) = serde_json::from_str::<Ask>(&line) else { return ExitCode::FAILURE };
        let answer = driver.answer(ask);
        let written = serde_json::to_string(&answer).map(|text| writeln!(io::stdout(), "{text}"));
        if !matches!(written, Ok(Ok(()))) {
            // Nobody listens any more.
            return ExitCode::SUCCESS;
        }
    }
    ExitCode::SUCCESS
}

/// The driver's libraries, opened at the first question.
struct Driver {
    libraries: Libraries,
    cuda: Option<Cuda>,
    nvml: Option<Nvml>,
}

impl Driver {
    fn answer(&mut self, ask: Ask) -> Answer {
        if let Ask::Memory = ask {
            return self.memory().map_or_else(Answer::Unavailable, Answer::Memory);
        }
        let cuda = match self.cuda() {
            Ok(cuda) => cuda,
            Err(why) => return Answer::Unavailable(why),
        };
        let done = match ask {
            Ask::Memory => return Answer::Done,
            Ask::State { pid } => {
                return cuda.state(pid).map_or_else(Answer::Refused, Answer::State);
            }
            Ask::Lock { pid, patience_ms } => cuda.lock(pid, patience_ms),
            Ask::Checkpoint { pid } => cuda.checkpoint(pid),
            Ask::Restore { pid } => cuda.restore(pid),
            Ask::Unlock { pid } => cuda.unlock(pid),
        };
        done.map_or_else(Answer::Refused, |()| Answer::Done)
    }

    fn cuda(&mut self) -> Result<&Cuda, String> {
        if self.cuda.is_none() {
            self.cuda = Some(Cuda::open(&self.libraries.cuda)?);
        }
        self.cuda.as_ref().ok_or_else(|| "CUDA was not opened".into())
    }

    fn memory(&mut self) -> Result<Memory, String> {
        if self.nvml.is_none() {
            let opened = Nvml::builder().lib_path(&self.libraries.nvml).init();
            self.nvml = Some(opened.map_err(|e| format!("the GPUs cannot be read: {e}"))?);
        }
        let nvml = self.nvml.as_ref().ok_or("NVML was not opened")?;
        let words = |e: nvml_wrapper::error::NvmlError| format!("the GPUs cannot be read: {e}");
        let driver = nvml.sys_driver_version().map_err(words)?;
        let gpu = |index| {
            let device = nvml.device_by_index(index)?;
            let processes = device.running_compute_processes()?;
            Ok(GpuMemory {
                uuid: device.uuid()?,
                free: device.memory_info()?.free,
                processes: processes
                    .into_iter()
                    .map(|p| (i32::try_from(p.pid).unwrap_or(0), used(&p)))
                    .collect(),
            })
        };
        let gpus = (0..nvml.device_count().map_err(words)?).map(gpu);
        Ok(Memory { driver, gpus: gpus.collect::<Result<_, _>>().map_err(words)? })
    }
}

fn used(process: &nvml_wrapper::struct_wrappers::device::ProcessInfo) -> u64 {
    match process.used_gpu_memory {
        nvml_wrapper::enums::device::UsedGpuMemory::Used(bytes) => bytes,
        nvml_wrapper::enums::device::UsedGpuMemory::Unavailable => 0,
    }
}
