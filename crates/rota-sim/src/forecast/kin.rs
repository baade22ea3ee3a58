//! What a job is known by, from fine to coarse: jobs of the same person, name and walltime are most alike, those of the same
//! lab less, and any job is better than none. Names become numbers that are the same on every machine and in every run.

use rota_core::job::JobSpec;
use rota_core::request::Asker;

/// What a job is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kin {
    /// Jobs that one person submitted one right after the other, as sweeps are.
    pub burst: u64,
    /// From fine to coarse: person, name, GPUs and walltime, which is the same as the next without one; person, name and
    /// GPUs; person and GPUs; lab and GPUs; lab and class; all.
    pub keys: [u64; Kin::LEVELS],
}

impl Kin {
    /// How many groups a job belongs to.
    pub const LEVELS: usize = 6;

    /// Of a job that is not of a burst that is known.
    pub fn of(asker: &Asker, spec: &JobSpec) -> Kin {
        let gpus = spec.all_gpus().to_string();
        let limit = spec.limit.map(|limit| limit.0.to_string()).unwrap_or_default();
        let class = spec.class.as_deref().unwrap_or("");
        let key = |level: &str, parts: &[&str]| {
            parts.iter().fold(hash(FIRST, level), |hashed, part| hash(hashed, part))
        };
        let (person, lab) = (asker.person.as_str(), asker.lab.as_str());
        let keys = [
            key("name", &[person, lab, &spec.name, &gpus, &limit]),
            key("name", &[person, lab, &spec.name, &gpus, ""]),
            key("person", &[person, lab, &gpus]),
            key("lab", &[lab, &gpus]),
            key("class", &[lab, class]),
            key("all", &[]),
        ];
        Kin { burst: 0, keys }
    }

    /// The groups it belongs to, each once.
    pub fn groups(&self) -> impl Iterator<Item = u64> {
        let [with_walltime, without, ..] = self.keys;
        let keys = self.keys.into_iter().skip(usize::from(with_walltime == without));
        std::iter::once(self.burst).chain(keys)
    }

    /// By whom and on how many GPUs: what jobs of a burst have in common.
    pub fn source(&self) -> u64 {
        self.keys[2]
    }

    /// The same program of the same person.
    pub fn program(&self) -> u64 {
        self.keys[1]
    }

    /// The same, of the burst that a job began.
    pub fn in_burst(self, first: u64) -> Kin {
        Kin { burst: hash(self.source(), &first.to_string()), ..self }
    }
}

/// FNV-1a, 64 bits, with an end after each text.
const FIRST: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

fn hash(seed: u64, text: &str) -> u64 {
    let step = |hashed: u64, byte: u8| (hashed ^ u64::from(byte)).wrapping_mul(PRIME);
    step(text.bytes().fold(seed, step), 0xff)
}
