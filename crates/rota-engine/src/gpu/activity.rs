//! How much of a GPU works. Its utilization says that something ran; from Hopper on the driver also says, between two moments,
//! for which part of the time each of its multiprocessors (SM) had work, averaged over all of them.

use nvml_wrapper::enums::gpm::GpmMetricId;
use nvml_wrapper::gpm::gpm_metrics_get;
use nvml_wrapper::{Device, GpmSample, Nvml};

/// What is read of a GPU from one moment to the next.
pub(super) struct Activity<'n> {
    nvml: &'n Nvml,
    before: Option<GpmSample<'n>>,
    is_said: bool,
}

impl<'n> Activity<'n> {
    /// Of a GPU; one that is split is said nothing of as a whole.
    pub fn of(nvml: &'n Nvml, device: &Device<'n>) -> Activity<'n> {
        let is_split = device.mig_mode().is_ok_and(|mode| mode.current == 1);
        let is_said = !is_split && device.gpm_support().unwrap_or(false);
        Activity { nvml, before: None, is_said }
    }

    /// Thousandths of the work that its multiprocessors could have had since the last time; none the first time.
    pub fn read(&mut self, device: &Device<'n>) -> Option<u32> {
        let now = self.is_said.then(|| device.gpm_sample().ok()).flatten()?;
        let before = self.before.replace(now)?;
        let now = self.before.as_ref()?;
        let found = gpm_metrics_get(self.nvml, &before, now, &[GpmMetricId::SmUtil]).ok()?;
        thousandths(found.into_iter().next()?.ok()?.value)
    }
}

/// Of percent.
fn thousandths(percent: f64) -> Option<u32> {
    format!("{:.0}", percent * 10.0).parse().ok().map(|all: u32| all.min(1000))
}

#[cfg(test)]
mod tests {
    use super::thousandths;

    #[test]
    fn what_is_no_percentage_is_nothing() {
        let read = [0.26, 99.96, 130.0, f64::NAN, -1.0].map(thousandths);
        assert_eq!(read, [Some(3), Some(1000), Some(1000), None, None]);
    }
}
