//! Bonds and their members (linux/if_link.h, IFLA_BOND_).

use super::super::super::Run;
use super::super::super::output::{Fields, Value};
use super::super::super::stop::Result;
use super::super::super::words::{Family, Words};
use super::row::{self, Form, Row, Width, named, row, told};
use crate::kernel::attr::{self, Writer};
use Form::{Mac, Number, Word};
use Width::{U8, U16, U32};

const MODES: &[&str] = &["balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"];
const ACTIVE_SLAVE: u16 = 2;
const ARP_IP_TARGET: u16 = 8;
const PRIMARY: u16 = 11;
const AD_INFO: u16 = 23;

/// What is printed before the targets of ARP, and what behind them.
const BEFORE: &[Row] = &[
    row(1, "mode", Word(U8, MODES)),
    row(3, "miimon", Number(U32)),
    row(4, "updelay", Number(U32)),
    row(5, "downdelay", Number(U32)),
    row(28, "peer_notify_delay", Number(U32)),
    row(6, "use_carrier", Number(U8)),
    row(7, "arp_interval", Number(U32)),
    row(30, "arp_missed_max", Number(U8)),
];
const VALIDATE: &[Row] =
    &[row(9, "arp_validate", Word(U32, &["none", "active", "backup", "all", "filter", "filter_active", "filter_backup"]))];
const BEHIND: &[Row] = &[
    row(10, "arp_all_targets", Word(U32, &["any", "all"])),
    row(12, "primary_reselect", Word(U8, &["always", "better", "failure"])),
    row(13, "fail_over_mac", Word(U8, &["none", "active", "follow"])),
    row(14, "xmit_hash_policy", Word(U8, &["layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4", "vlan+srcmac"])),
    row(15, "resend_igmp", Number(U32)),
    named(16, "num_peer_notif", "num_grat_arp", Number(U8)),
    row(17, "all_slaves_active", Number(U8)),
    row(18, "min_links", Number(U32)),
    row(19, "lp_interval", Number(U32)),
    row(20, "packets_per_slave", Number(U32)),
    named(29, "ad_lacp_active", "lacp_active", Word(U8, &["off", "on"])),
    named(21, "ad_lacp_rate", "lacp_rate", Word(U8, &["slow", "fast"])),
    row(22, "ad_select", Word(U8, &["stable", "bandwidth", "count"])),
];
const ACTOR: &[Row] = &[
    row(24, "ad_actor_sys_prio", Number(U16)),
    row(25, "ad_user_port_key", Number(U16)),
    row(26, "ad_actor_system", Mac),
    named(27, "tlb_dynamic_lb", "tlb_dynamic_lb", Number(U8)),
];

pub(super) fn read(run: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    match word {
        "active_slave" | "primary" => {
            let name = words.value()?;
            writer.u32(if word == "primary" { PRIMARY } else { ACTIVE_SLAVE }, run.link(name)?.index);
        }
        "clear_active_slave" => writer.u32(ACTIVE_SLAVE, 0),
        "arp_ip_target" => {
            let list = words.peek().filter(|_| !words.done()).unwrap_or_default();
            words.take();
            let mut ips = Vec::new();
            for ip in list.split(',').filter(|ip| !ip.is_empty()) {
                ips.push(super::super::super::words::address(ip, Family::Inet)?);
            }
            writer.nest(ARP_IP_TARGET, |inner| ips.iter().enumerate().for_each(|(at, ip)| inner.ip(at as u16, *ip)));
        }
        _ => {
            for table in [BEFORE, VALIDATE, BEHIND, ACTOR] {
                if row::read(table, word, words, writer)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
    }
    Ok(true)
}

pub(super) fn show(run: &mut Run<'_>, attributes: &[u8], fields: &mut Fields) {
    let find = |kind| attr::find(attributes, kind);
    let link = |run: &mut Run<'_>, fields: &mut Fields, attribute: u16, word: &str| {
        if let Some(index) = find(attribute).map(attr::number).filter(|index| *index != 0) {
            let name = run.name_of(index as u32);
            fields.both(word, name.as_str(), format!("{word} {name} "));
        }
    };
    row::show(&BEFORE[..1], attributes, fields);
    link(run, fields, ACTIVE_SLAVE, "active_slave");
    row::show(&BEFORE[1..], attributes, fields);
    if let Some(targets) = find(ARP_IP_TARGET).map(attr::read).filter(|targets| !targets.is_empty()) {
        let ips: Vec<String> = targets.iter().filter_map(|(_, value)| attr::ip(value)).map(|ip| ip.to_string()).collect();
        let list = ips.iter().map(|ip| ip.into()).collect();
        fields.both("arp_ip_target", Value::List(list), format!("arp_ip_target {} ", ips.join(",")));
    }
    // No validation is null in JSON.
    match find(VALIDATE[0].attribute).map(attr::number) {
        Some(0) => fields.null("arp_validate", "arp_validate none "),
        _ => row::show(VALIDATE, attributes, fields),
    }
    row::show(&BEHIND[..2], attributes, fields);
    link(run, fields, PRIMARY, "primary");
    row::show(&BEHIND[2..], attributes, fields);
    if let Some(info) = find(AD_INFO) {
        let mut inner = Fields::new();
        let rows = [
            told(1, "aggregator", "ad_aggregator", Number(U16)),
            told(2, "num_ports", "ad_num_ports", Number(U16)),
            told(3, "actor_key", "ad_actor_key", Number(U16)),
            told(4, "partner_key", "ad_partner_key", Number(U16)),
            told(5, "partner_mac", "ad_partner_mac", Mac),
        ];
        row::show(&rows, info, &mut inner);
        fields.object("ad_info", inner);
    }
    row::show(ACTOR, attributes, fields);
}

const SLAVE: &[Row] = &[
    told(1, "state", "state", Word(U8, &["ACTIVE", "BACKUP"])),
    told(2, "mii_status", "mii_status", Word(U8, &["UP", "GOING_DOWN", "DOWN", "GOING_BACK"])),
    told(3, "link_failure_count", "link_failure_count", Number(U32)),
    told(4, "perm_hwaddr", "perm_hwaddr", Mac),
    row(5, "queue_id", Number(U16)),
    row(9, "prio", Number(U32)),
    told(6, "ad_aggregator_id", "ad_aggregator_id", Number(U16)),
];

/// The states of both ends of a port of 802.3ad, and what their bits mean (IEEE 802.1AX, 6.4.2.3).
const PORT_STATES: [(u16, &str); 2] = [(7, "ad_actor_oper_port_state"), (8, "ad_partner_oper_port_state")];
const STATE_BITS: [&str; 8] = ["active", "short_timeout", "aggregating", "in_sync", "collecting", "distributing", "defaulted", "expired"];

pub(super) fn read_port(_: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    row::read(SLAVE, word, words, writer)
}

pub(super) fn show_port(_: &mut Run<'_>, attributes: &[u8], fields: &mut Fields) {
    row::show(SLAVE, attributes, fields);
    for (attribute, word) in PORT_STATES {
        if let Some(state) = attr::find(attributes, attribute).map(attr::number) {
            fields.both(word, state, format!("{word} {state} "));
            let names: Vec<&str> = STATE_BITS.iter().enumerate().filter(|(bit, _)| state >> bit & 1 == 1).map(|(_, name)| *name).collect();
            let list = names.iter().map(|name| Value::from(*name)).collect();
            let word = format!("{word}_str");
            let text = format!("{word} <{}> ", names.join(","));
            fields.both(word, Value::List(list), text);
        }
    }
}
