//! `ip link set DEV vf NUM …`: the virtual functions of a network card (linux/if_link.h, IFLA_VF_).

use super::super::stop::{Result, Stop};
use super::super::words::{self, Words};
use crate::kernel::attr::Writer;

const IFLA_VFINFO_LIST: u16 = 22;
/// Room for a hardware address, whatever its kind.
const MAC: usize = 32;

/// Reads the number of a function and its settings.
pub(super) fn read(attributes: &mut Writer, words: &mut Words<'_>) -> Result {
    let function: u32 = words.number("Invalid \"vf\" value\n")?;
    let mut settings = Writer::default();
    let (mut vlan, mut rates) = (None::<(u32, u32)>, None::<(u32, u32)>);
    while let Some(word) = words.peek() {
        let pair = |value: u32| [function.to_ne_bytes(), value.to_ne_bytes()].concat();
        let taken = words.clone();
        words.take();
        match word {
            "mac" => {
                let address = words::hardware(words.value()?)?;
                let mut bytes = Vec::from(function.to_ne_bytes());
                bytes.extend_from_slice(&address);
                bytes.resize(4 + MAC, 0);
                settings.put(1, &bytes);
            }
            "vlan" => vlan = Some((words.number("Invalid \"vlan\" value\n")?, vlan.unwrap_or_default().1)),
            "qos" => vlan = Some((vlan.unwrap_or_default().0, words.number("Invalid \"qos\" value\n")?)),
            "rate" => settings.put(3, &pair(words.number("Invalid \"rate\" value\n")?)),
            "max_tx_rate" => rates = Some((rates.unwrap_or_default().0, words.number("Invalid \"max tx rate\" value\n")?)),
            "min_tx_rate" => rates = Some((words.number("Invalid \"min tx rate\" value\n")?, rates.unwrap_or_default().1)),
            "spoofchk" => settings.put(4, &pair(u32::from(words.on_off(word)?))),
            "query_rss" => settings.put(7, &pair(u32::from(words.on_off(word)?))),
            "trust" => settings.put(9, &pair(u32::from(words.on_off(word)?))),
            "state" => {
                let text = words.value()?;
                let state = ["auto", "enable", "disable"].iter().position(|known| *known == text);
                settings.put(5, &pair(state.ok_or_else(|| Stop::invalid(text, "Invalid \"state\" value\n"))? as u32));
            }
            _ => {
                *words = taken;
                break;
            }
        }
    }
    let three = |(a, b): (u32, u32)| [function.to_ne_bytes(), a.to_ne_bytes(), b.to_ne_bytes()].concat();
    if let Some(vlan) = vlan {
        settings.put(2, &three(vlan));
    }
    if let Some(rates) = rates {
        settings.put(6, &three(rates));
    }
    let settings = settings.bytes();
    attributes.nest(IFLA_VFINFO_LIST, |list| list.put(1 | 0x8000, &settings));
    Ok(())
}
