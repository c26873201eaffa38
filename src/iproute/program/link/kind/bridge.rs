//! Bridges and their ports (linux/if_link.h, IFLA_BR_ and IFLA_BRPORT_).

use super::super::super::Run;
use super::super::super::output::Fields;
use super::super::super::stop::Result;
use super::super::super::words::Words;
use super::row::{self, Form, Row, Width, named, row, told};
use crate::kernel::attr::Writer;
use Form::{Act, BridgeId, Hex, Mac, Number, OnOff, Silent, Timer, VlanProtocol, Word};
use Width::{U8, U16, U32, U64};

/// What a bridge has, in the order in which it is printed.
const BRIDGE: &[Row] = &[
    row(1, "forward_delay", Number(U32)),
    row(2, "hello_time", Number(U32)),
    row(3, "max_age", Number(U32)),
    row(4, "ageing_time", Number(U32)),
    row(5, "stp_state", Number(U32)),
    row(6, "priority", Number(U16)),
    row(7, "vlan_filtering", Number(U8)),
    row(8, "vlan_protocol", VlanProtocol),
    told(11, "bridge_id", "bridge_id", BridgeId),
    told(10, "root_id", "designated_root", BridgeId),
    told(12, "root_port", "root_port", Number(U16)),
    told(13, "root_path_cost", "root_path_cost", Number(U32)),
    told(14, "topology_change", "topology_change", Number(U8)),
    told(15, "topology_change_detected", "topology_change_detected", Number(U8)),
    told(16, "hello_timer", "hello_timer", Timer),
    told(17, "tcn_timer", "tcn_timer", Timer),
    told(18, "topology_change_timer", "topology_change_timer", Timer),
    told(19, "gc_timer", "gc_timer", Timer),
    row(39, "vlan_default_pvid", Number(U16)),
    row(41, "vlan_stats_enabled", Number(U8)),
    row(45, "vlan_stats_per_port", Number(U8)),
    row(9, "group_fwd_mask", Hex(false)),
    named(20, "group_addr", "group_address", Mac),
    row(23, "mcast_snooping", Number(U8)),
    row(22, "mcast_router", Number(U8)),
    row(24, "mcast_query_use_ifaddr", Number(U8)),
    row(25, "mcast_querier", Number(U8)),
    row(26, "mcast_hash_elasticity", Number(U32)),
    row(27, "mcast_hash_max", Number(U32)),
    named(28, "mcast_last_member_cnt", "mcast_last_member_count", Number(U32)),
    named(29, "mcast_startup_query_cnt", "mcast_startup_query_count", Number(U32)),
    named(30, "mcast_last_member_intvl", "mcast_last_member_interval", Number(U64)),
    named(31, "mcast_membership_intvl", "mcast_membership_interval", Number(U64)),
    named(32, "mcast_querier_intvl", "mcast_querier_interval", Number(U64)),
    named(33, "mcast_query_intvl", "mcast_query_interval", Number(U64)),
    named(34, "mcast_query_response_intvl", "mcast_query_response_interval", Number(U64)),
    named(35, "mcast_startup_query_intvl", "mcast_startup_query_interval", Number(U64)),
    row(42, "mcast_stats_enabled", Number(U8)),
    row(43, "mcast_igmp_version", Number(U8)),
    row(44, "mcast_mld_version", Number(U8)),
    row(36, "nf_call_iptables", Number(U8)),
    row(37, "nf_call_ip6tables", Number(U8)),
    row(38, "nf_call_arptables", Number(U8)),
    row(21, "fdb_flush", Act),
];

/// IFLA_BR_MULTI_BOOLOPT: a value and a mask (linux/if_bridge.h).
const OPTIONS: u16 = 46;
const NO_LINKLOCAL_LEARN: u32 = 1;
const MCAST_VLAN_SNOOPING: u32 = 2;

const STATES: &[&str] = &["disabled", "listening", "learning", "forwarding", "blocking"];

/// What a port of a bridge has.
const PORT: &[Row] = &[
    row(1, "state", Word(U8, STATES)),
    row(2, "priority", Number(U16)),
    row(3, "cost", Number(U32)),
    named(4, "hairpin", "hairpin", OnOff),
    row(5, "guard", OnOff),
    row(6, "root_block", OnOff),
    row(7, "fastleave", OnOff),
    row(8, "learning", OnOff),
    row(9, "flood", OnOff),
    told(17, "id", "port_id", Hex(true)),
    told(18, "no", "port_no", Hex(true)),
    told(15, "designated_port", "designated_port", Number(U16)),
    told(16, "designated_cost", "designated_cost", Number(U16)),
    told(14, "bridge_id", "designated_bridge", BridgeId),
    told(13, "root_id", "designated_root", BridgeId),
    told(23, "hold_timer", "hold_timer", Timer),
    told(21, "message_age_timer", "message_age_timer", Timer),
    told(22, "forward_delay_timer", "forward_delay_timer", Timer),
    told(19, "topology_change_ack", "topology_change_ack", Number(U8)),
    told(20, "config_pending", "config_pending", Number(U8)),
    row(10, "proxy_arp", OnOff),
    row(12, "proxy_arp_wifi", OnOff),
    named(25, "multicast_router", "mcast_router", Number(U8)),
    // The text says it once more under its other name; JSON does not.
    row(27, "mcast_flood", OnOff),
    row(30, "bcast_flood", OnOff),
    row(28, "mcast_to_unicast", OnOff),
    row(32, "neigh_suppress", OnOff),
    row(31, "group_fwd_mask", Silent(U16)),
    row(29, "vlan_tunnel", OnOff),
    row(33, "isolated", OnOff),
    row(39, "locked", OnOff),
    row(24, "fdb_flush", Act),
];
const FAST_LEAVE: u16 = 7;
const GROUP_FWD_MASK: u16 = 31;
const BACKUP_PORT: u16 = 34;

pub(super) fn read(_: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    let option = match word {
        "no_linklocal_learn" => NO_LINKLOCAL_LEARN,
        "mcast_vlan_snooping" => MCAST_VLAN_SNOOPING,
        _ => return row::read(BRIDGE, word, words, writer),
    };
    let on: u8 = words.number(&format!("invalid {word}"))?;
    let mut both = Vec::from(if on > 0 { option } else { 0 }.to_ne_bytes());
    both.extend_from_slice(&option.to_ne_bytes());
    writer.put(OPTIONS, &both);
    Ok(true)
}

pub(super) fn show(_: &mut Run<'_>, attributes: &[u8], fields: &mut Fields) {
    let at = BRIDGE.iter().position(|row| row.word == "mcast_router").unwrap_or(0);
    row::show(&BRIDGE[..at], attributes, fields);
    if let Some(value) = crate::kernel::attr::find(attributes, OPTIONS) {
        let bits = crate::kernel::attr::u32_at(value, 0);
        for (bit, word) in [(NO_LINKLOCAL_LEARN, "no_linklocal_learn"), (MCAST_VLAN_SNOOPING, "mcast_vlan_snooping")] {
            let on = u8::from(bits & bit != 0);
            fields.both(word, on, format!("{word} {on} "));
        }
    }
    row::show(&BRIDGE[at..], attributes, fields);
}

pub(super) fn read_port(run: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    match word {
        "mcast_fast_leave" => writer.u8(FAST_LEAVE, u8::from(words.on_off(word)?)),
        "backup_port" => {
            let name = words.value()?;
            writer.u32(BACKUP_PORT, run.link(name)?.index);
        }
        "nobackup_port" => writer.u32(BACKUP_PORT, 0),
        _ => return row::read_saying(PORT, word, words, writer, |word| format!("{word} is invalid")),
    }
    Ok(true)
}

pub(super) fn show_port(run: &mut Run<'_>, attributes: &[u8], fields: &mut Fields) {
    let find = |kind| crate::kernel::attr::find(attributes, kind);
    let (mcast, tunnel) = (at("mcast_flood"), at("vlan_tunnel"));
    row::show(&PORT[..mcast], attributes, fields);
    if let Some(value) = find(FAST_LEAVE) {
        fields.text(format!("mcast_fast_leave {} ", if value == [0] { "off" } else { "on" }));
    }
    row::show(&PORT[mcast..tunnel], attributes, fields);
    if let Some(mask) = find(GROUP_FWD_MASK).map(crate::kernel::attr::number) {
        fields.both("group_fwd_mask", mask.to_string(), format!("group_fwd_mask {mask} "));
        let names: Vec<String> = [(1u64, "stp"), (4, "lacp"), (0x4000, "lldp")]
            .into_iter()
            .filter(|(bit, _)| mask & bit != 0)
            .map(|(_, name)| name.to_string())
            .collect();
        let left = mask & !0x4005;
        let mut text = names.join(",");
        if left != 0 || text.is_empty() {
            text += &format!("{}{left:#x}", if text.is_empty() { "" } else { "," });
        }
        fields.both("group_fwd_mask_str", text.as_str(), format!("group_fwd_mask_str {text} "));
    }
    row::show(&PORT[tunnel..], attributes, fields);
    if let Some(index) = find(BACKUP_PORT).map(|value| crate::kernel::attr::number(value) as u32) {
        let name = run.name_of(index);
        fields.both("backup_port", name.as_str(), format!("backup_port {name} "));
    }
}

fn at(word: &str) -> usize {
    PORT.iter().position(|row| row.word == word).unwrap_or(0)
}
