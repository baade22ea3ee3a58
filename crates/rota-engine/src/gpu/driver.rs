//! What a version of NVIDIA's driver can do. Sources: NVIDIA's cuda-checkpoint repository (release notes and issues 44 and
//! 53) and the CUDA driver API; numbers are driver branches.

/// A driver's version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Driver {
    branch: u32,
    minor: u32,
}

/// Earlier ones know only a toggle, or refuse PyTorch.
const SUSPENDS: Driver = Driver { branch: 575, minor: 0 };
/// Earlier ones do not bring back memory that processes share with each other, as those of one NCCL group do.
const SUSPENDS_GROUPS: Driver = Driver { branch: 610, minor: 0 };
/// From here on the end of a living process that was once restored can hang the whole machine.
const KILL_IS_RISKY: Driver = Driver { branch: 595, minor: 71 };

impl Driver {
    /// Reads `580.159.03`.
    ///
    /// ```
    /// use rota_engine::gpu::Driver;
    /// assert!(Driver::parse("580.159.03").is_some_and(Driver::suspends));
    /// assert!(Driver::parse("570.86.10").is_some_and(|d| !d.suspends()));
    /// assert_eq!(Driver::parse("new"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Driver> {
        let mut numbers = text.trim().split('.');
        let branch = numbers.next()?.parse().ok()?;
        Some(Driver { branch, minor: numbers.next().and_then(|n| n.parse().ok()).unwrap_or(0) })
    }

    /// Whether a program that uses a GPU by one process can be suspended.
    pub fn suspends(self) -> bool {
        self >= SUSPENDS
    }

    /// Whether this also holds for several processes that work together.
    pub fn suspends_groups(self) -> bool {
        self >= SUSPENDS_GROUPS
    }

    /// Whether a process that was restored must be checkpointed before it is killed.
    pub fn kill_is_risky(self) -> bool {
        self >= KILL_IS_RISKY
    }
}

/// The driver's words for its results, as people find them in its documentation.
pub(crate) fn result(code: i32) -> String {
    let name = match code {
        1 => "invalid value",
        2 => "out of memory",
        3 => "not initialized",
        46 => "devices unavailable",
        304 => "operating system",
        401 => "illegal state",
        600 => "not ready",
        719 => "launch failure",
        801 => "not supported",
        999 => "unknown",
        _ => return format!("CUDA error {code}"),
    };
    format!("{name} (CUDA error {code})")
}
