//! AMD GPUs as the kernel shows them in sysfs. Nothing is set, only read.

use super::reading::{Gpu, LetsIn, Reading};
use super::{Card, Sysfs, Vendor};
use rota_core::units::Mib;
use std::fs;
use std::path::{Path, PathBuf};

/// Less memory than this is the graphics of a processor, not a GPU to compute on.
const LEAST_MEMORY: Mib = Mib(4096);

/// AMD's number at the PCI consortium.
const VENDOR: &str = "0x1002";

/// The GPUs, each with its folder, in the order of PCI addresses.
pub(super) fn gpus(sysfs: &Sysfs) -> Vec<(Gpu, PathBuf)> {
    let cards = fs::read_dir(sysfs.0.join("class/drm")).into_iter().flatten().flatten();
    let is_card = |name: &str| {
        let number = name.strip_prefix("card").unwrap_or_default();
        !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
    };
    let named = cards.filter(|entry| entry.file_name().to_str().is_some_and(is_card));
    let mut found: Vec<(Gpu, PathBuf)> = named
        .map(|entry| entry.path().join("device"))
        .filter(|device| text(device, "vendor").as_deref() == Some(VENDOR))
        .filter_map(|device| Some((gpu(&device)?, device)))
        .collect();
    found.sort_by(|(a, _), (b, _)| a.pci.cmp(&b.pci));
    for (index, (gpu, _)) in (0u32..).zip(&mut found) {
        gpu.card.index = index;
    }
    found
}

fn gpu(device: &Path) -> Option<Gpu> {
    let memory = number(device, "mem_info_vram_total").map(mib)?;
    if memory < LEAST_MEMORY {
        return None;
    }
    let pci = text(device, "uevent").and_then(|all| {
        all.lines().find_map(|line| line.strip_prefix("PCI_SLOT_NAME=").map(str::to_owned))
    });
    let model = || text(device, "device").map(|id| product(&id));
    Some(Gpu {
        card: Card {
            index: 0,
            uuid: text(device, "unique_id").map(|id| format!("GPU-{id}")),
            minor: render_node(device),
            vendor: Vendor::Amd,
        },
        product: text(device, "product_name").or_else(model)?,
        memory,
        reserved: Mib(0),
        numa: number(device, "numa_node").and_then(|n| u32::try_from(n).ok()),
        pci,
        mig: None,
        persistence: None,
        lets_in: LetsIn::Any,
    })
}

/// What a device number is called, where the card does not say it itself.
fn product(id: &str) -> String {
    match id {
        "0x74a1" => "AMD Instinct MI300X".into(),
        "0x74a5" => "AMD Instinct MI325X".into(),
        "0x740f" => "AMD Instinct MI210".into(),
        "0x7408" | "0x740c" => "AMD Instinct MI250X".into(),
        other => format!("AMD {other}"),
    }
}

fn render_node(device: &Path) -> Option<u32> {
    let entries = fs::read_dir(device.join("drm")).ok()?.flatten();
    let mut numbers = entries.filter_map(|entry| {
        entry.file_name().to_str()?.strip_prefix("renderD").and_then(|n| n.parse().ok())
    });
    numbers.next()
}

/// What changes. Which processes use a GPU is not there.
pub(super) fn reading(device: &Path) -> Reading {
    if !device.exists() {
        return Reading { lost: true, ..Reading::default() };
    }
    let sensor = |names: &[&str]| {
        let folders = fs::read_dir(device.join("hwmon")).into_iter().flatten().flatten();
        folders.map(|f| f.path()).find_map(|f| names.iter().find_map(|name| number(&f, name)))
    };
    Reading {
        utilization: number(device, "gpu_busy_percent").and_then(|n| u32::try_from(n).ok()),
        memory_used: number(device, "mem_info_vram_used").map(mib),
        // Microwatts and thousandths of a degree.
        power_mw: sensor(&["power1_average", "power1_input"]).map(|n| n / 1000),
        celsius: sensor(&["temp1_input"]).and_then(|n| u32::try_from(n / 1000).ok()),
        ..Reading::default()
    }
}

fn text(folder: &Path, name: &str) -> Option<String> {
    let text = fs::read_to_string(folder.join(name)).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn number(folder: &Path, name: &str) -> Option<u64> {
    text(folder, name)?.parse().ok()
}

fn mib(bytes: u64) -> Mib {
    Mib(bytes >> 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(root: &Path, name: &str, files: &[(&str, &str)]) {
        for (file, text) in files {
            let path = root.join("class/drm").join(name).join("device").join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        }
    }

    #[test]
    fn amd_gpus_are_read_from_sysfs_in_the_order_of_their_addresses() {
        let root = tempfile::tempdir().expect("a folder");
        let mi300 = |slot: &str, id: &str| {
            vec![
                ("vendor".to_owned(), "0x1002\n".to_owned()),
                ("device".to_owned(), "0x74a1\n".to_owned()),
                ("uevent".to_owned(), format!("DRIVER=amdgpu\nPCI_SLOT_NAME={slot}\n")),
                ("unique_id".to_owned(), format!("{id}\n")),
                ("numa_node".to_owned(), "1\n".to_owned()),
                ("mem_info_vram_total".to_owned(), "205822885888\n".to_owned()),
                ("mem_info_vram_used".to_owned(), "1073741824\n".to_owned()),
                ("gpu_busy_percent".to_owned(), "83\n".to_owned()),
                ("hwmon/hwmon4/power1_average".to_owned(), "512000000\n".to_owned()),
                ("hwmon/hwmon4/temp1_input".to_owned(), "61000\n".to_owned()),
                ("drm/renderD129/dev".to_owned(), "226:129\n".to_owned()),
            ]
        };
        for (name, slot, id) in [("card1", "0000:a1:00.0", "1f"), ("card2", "0000:05:00.0", "2e")] {
            let files = mi300(slot, id);
            let files: Vec<(&str, &str)> =
                files.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
            card(root.path(), name, &files);
        }
        card(root.path(), "card0", &[("vendor", "0x10de\n")]);
        card(root.path(), "card3", &[("vendor", "0x1002\n"), ("mem_info_vram_total", "536870912")]);
        let found = gpus(&Sysfs(root.path().into()));
        let names: Vec<_> = found.iter().filter_map(|(gpu, _)| gpu.card.uuid.as_deref()).collect();
        assert_eq!(names, ["GPU-2e", "GPU-1f"]);
        let (gpu, device) = &found[1];
        assert_eq!((gpu.card.index, gpu.card.minor, gpu.numa), (1, Some(129), Some(1)));
        assert_eq!((gpu.product.as_str(), gpu.memory), ("AMD Instinct MI300X", Mib(196_288)));
        let read = reading(device);
        assert_eq!((read.utilization, read.memory_used), (Some(83), Some(Mib(1024))));
        assert_eq!((read.power_mw, read.celsius), (Some(512_000), Some(61)));
        assert!(reading(Path::new("/nowhere")).lost);
    }
}
