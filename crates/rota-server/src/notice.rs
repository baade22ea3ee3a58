//! What a job is told on its own standard error, in the language that its environment asks for.

use rota_core::decision::Reason;
use rota_core::event::Event;
use rota_core::launch::Launch;
use rota_core::part::{PATIENCE, shown};
use rota_core::units::Mib;

/// What a fact means to its job; none where it is told nothing.
pub fn of(event: &Event, launch: &Launch) -> Option<String> {
    let is_korean = is_korean(launch);
    match event {
        Event::PartExceeded { used, part, .. } => Some(exceeded(is_korean, *used, *part)),
        Event::StopDecided { reason: Reason::PartExceeded { used, part }, .. } => {
            Some(stopped(is_korean, *used, *part))
        }
        _ => None,
    }
}

fn exceeded(is_korean: bool, used: Mib, part: Mib) -> String {
    let (used, seconds) = (shown(used), PATIENCE.0 / 1000);
    match is_korean {
        true => format!(
            "rota: 이 작업의 GPU 메모리 몫은 {part}인데 {used}를 쓰고 있습니다. {seconds}초 안에 줄이지 않으면 멈춥니다."
        ),
        false => format!(
            "rota: this job uses {used} of a GPU, and its part is {part}; it is stopped if it still does in {seconds} s."
        ),
    }
}

fn stopped(is_korean: bool, used: Mib, part: Mib) -> String {
    let used = shown(used);
    match is_korean {
        true => format!(
            "rota: GPU 메모리 몫 {part}를 넘어 {used}를 계속 쓰고 있어 작업을 멈춥니다. --gpu-mem을 더 크게 주고 다시 제출하십시오."
        ),
        false => format!(
            "rota: this job is stopped, because it still uses {used} of a GPU and its part is {part}; ask for more with --gpu-mem."
        ),
    }
}

/// As programs read it: the first of these variables that says something.
fn is_korean(launch: &Launch) -> bool {
    let said = |name: &&str| launch.env.get(*name).is_some_and(|value| !value.is_empty());
    let name = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find(said);
    name.and_then(|name| launch.env.get(name)).is_some_and(|value| value.starts_with("ko"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rota_core::id::JobId;

    fn told(variables: &[(&str, &str)]) -> String {
        let env = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let launch = Launch { env, ..Launch::default() };
        let (used, part) = (Mib(12_595), Mib(10_240));
        let fact = Event::PartExceeded { job: JobId::single(1), turn: 1, used, part };
        of(&fact, &launch).expect("it is told")
    }

    #[test]
    fn a_job_is_told_in_the_language_of_its_environment() {
        assert!(told(&[]).contains("uses 12.3G of a GPU, and its part is 10G"));
        assert!(told(&[("LANG", "ko_KR.UTF-8")]).contains("몫은 10G인데 12.3G를"));
        assert!(told(&[("LANG", "ko_KR.UTF-8"), ("LC_ALL", "C")]).contains("its part is 10G"));
    }
}
