//! A GPU as a job is given it.

use serde::{Deserialize, Serialize};

/// A GPU of this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Its index in the order of PCI addresses, as the driver counts.
    pub index: u32,
    /// The driver's name for it, such as `GPU-8d3a…`; none where it is simulated.
    #[serde(default)]
    pub uuid: Option<String>,
    /// The number of its device file, as in `/dev/nvidia3` or `/dev/dri/renderD128`; none where it is simulated.
    #[serde(default)]
    pub minor: Option<u32>,
    /// Who made it.
    #[serde(default)]
    pub vendor: Vendor,
}

/// Who made a GPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vendor {
    /// NVIDIA.
    #[default]
    Nvidia,
    /// AMD.
    Amd,
}

impl Card {
    /// A GPU of which only the index is known.
    pub fn simulated(index: u32) -> Card {
        Card { index, ..Card::default() }
    }

    /// How CUDA is told to use these GPUs: by their names where all have one, else by index.
    ///
    /// ```
    /// use rota_engine::gpu::Card;
    /// let named = Card { uuid: Some("GPU-8d3a".into()), ..Card::simulated(3) };
    /// assert_eq!(Card::list(&[named]), "GPU-8d3a");
    /// assert_eq!(Card::list(&[Card::simulated(0), Card::simulated(2)]), "0,2");
    /// ```
    pub fn list(cards: &[Card]) -> String {
        let uuids: Option<Vec<String>> = cards.iter().map(|card| card.uuid.clone()).collect();
        let indexes = || cards.iter().map(|card| card.index.to_string()).collect();
        uuids.unwrap_or_else(indexes).join(",")
    }

    /// The environment that keeps a program to these GPUs, and none at all where there are none.
    pub fn environment(cards: &[Card]) -> Vec<(&'static str, String)> {
        let list = Card::list(cards);
        if cards.iter().any(|card| card.vendor == Vendor::Amd) {
            // HIP counts from 0 what ROCr lets it see.
            let seen: Vec<String> = (0..cards.len()).map(|at| at.to_string()).collect();
            return vec![("ROCR_VISIBLE_DEVICES", list), ("CUDA_VISIBLE_DEVICES", seen.join(","))];
        }
        let mut all = vec![("CUDA_DEVICE_ORDER", "PCI_BUS_ID".to_owned())];
        if cards.iter().all(|card| card.uuid.is_some()) {
            // What a container runtime mounts; it knows no empty list.
            let mounted = if list.is_empty() { "void".into() } else { list.clone() };
            all.push(("NVIDIA_VISIBLE_DEVICES", mounted));
        }
        all.push(("CUDA_VISIBLE_DEVICES", list));
        all
    }
}
