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
    /// The number of its device file, as in `/dev/nvidia3`; none where it is simulated.
    #[serde(default)]
    pub minor: Option<u32>,
}

impl Card {
    /// A GPU of which only the index is known.
    pub fn simulated(index: u32) -> Card {
        Card { index, uuid: None, minor: None }
    }

    /// How CUDA is told to use these GPUs: by their names where all have one, else by index.
    ///
    /// ```
    /// use rota_engine::gpu::Card;
    /// let named = Card { index: 3, uuid: Some("GPU-8d3a".into()), minor: Some(3) };
    /// assert_eq!(Card::list(&[named]), "GPU-8d3a");
    /// assert_eq!(Card::list(&[Card::simulated(0), Card::simulated(2)]), "0,2");
    /// ```
    pub fn list(cards: &[Card]) -> String {
        let uuids: Option<Vec<String>> = cards.iter().map(|card| card.uuid.clone()).collect();
        let indexes = || cards.iter().map(|card| card.index.to_string()).collect();
        uuids.unwrap_or_else(indexes).join(",")
    }
}
