//! What a run says: a line for each system and topology, then each target with what was reached.

use std::{fs, path::Path};

use super::{
    chart,
    measure::{Kind, Sample, Topology},
};
use crate::Outcome;

/// The targets.
const MOST_COST_US: f64 = 10.0;
const MOST_OF_JANUS: f64 = 0.45;
/// Of the cost at 200 viewers to that at 50.
const MOST_GROWTH: f64 = 1.15;
const MOST_DELAY_MS: f64 = 5.0;
const MOST_VIEWER_KIB: f64 = 250.0;
const MOST_JOIN_MS: f64 = 100.0;
/// What comes of the load's own lateness is not the systems' doing.
const MOST_LATE_MS: f64 = 10.0;

/// All that was measured.
#[derive(Default)]
pub(super) struct Report {
    pub(super) forwarding: Vec<(Topology, Vec<(Kind, Sample)>)>,
    pub(super) joins: Vec<(Kind, Sample)>,
}

impl Report {
    /// Prints the topology that was measured last.
    pub(super) fn print_last(&self) {
        let Some((topology, samples)) = self.forwarding.last() else { return };
        println!("## Forwarding, {topology}: {} viewers, each of one publisher\n", topology.total());
        println!("{:<16}{:>9}{:>9}{:>10}{:>11}{:>11}{:>10}", "", "CPU", "cores", "loss", "p50", "p99", "RSS");
        for (kind, sample) in samples {
            let delay = &sample.window.tally.delay;
            println!(
                "{:<16}{:>6.2} µs{:>9.3}{:>8.3} %{:>8.2} ms{:>8.2} ms{:>6.0} MiB",
                kind.name(),
                sample.cost_us(),
                sample.cores(),
                sample.window.loss() * 100.0,
                delay.quantile_ms(0.5),
                delay.quantile_ms(0.99),
                sample.resident_mib,
            );
            warn(*kind, sample, topology);
        }
        println!();
    }

    /// Prints how viewers came in.
    pub(super) fn print_joins(&self) {
        println!("## Joins, 50 a second, while 50 others watch\n");
        println!("{:<16}{:>8}{:>11}{:>11}{:>18}{:>14}", "", "joins", "p50", "p99", "others' loss", "their p99");
        for (kind, sample) in &self.joins {
            let window = &sample.window;
            println!(
                "{:<16}{:>8}{:>8.1} ms{:>8.1} ms{:>16.3} %{:>11.2} ms",
                kind.name(),
                window.joins.count(),
                window.joins.quantile_ms(0.5),
                window.joins.quantile_ms(0.99),
                window.loss() * 100.0,
                window.tally.delay.quantile_ms(0.99),
            );
            if window.waiting > 0 {
                println!("{:<16}{} got nothing within two seconds of their answer", "", window.waiting);
            }
        }
        println!();
    }

    /// Prints the targets, each with what was reached.
    pub(super) fn judge(&self) {
        println!("## Targets\n");
        for viewers in [(1, 50), (1, 200), (10, 20)] {
            let Some(ours) = self.find(viewers, Kind::Switchboard) else { continue };
            let (name, cost_us) = (format!("{}x{}", viewers.0, viewers.1), ours.cost_us());
            target(&format!("{name}: CPU a packet, µs"), cost_us, MOST_COST_US);
            if let Some(janus) = self.find(viewers, Kind::Janus) {
                target(&format!("{name}: CPU a packet, of Janus's"), cost_us / janus.cost_us(), MOST_OF_JANUS);
            }
            target(&format!("{name}: p99 delay, ms"), ours.window.tally.delay.quantile_ms(0.99), MOST_DELAY_MS);
            target(&format!("{name}: loss, %"), ours.window.loss() * 100.0, 0.0);
        }
        let (few, many) = (self.find((1, 50), Kind::Switchboard), self.find((1, 200), Kind::Switchboard));
        if let (Some(few), Some(many)) = (few, many) {
            target("CPU a packet with 200 viewers, of that with 50", many.cost_us() / few.cost_us(), MOST_GROWTH);
            let grown_kib = (many.resident_mib - few.resident_mib) * 1_024.0;
            target("memory a viewer, KiB", grown_kib / 150.0, MOST_VIEWER_KIB);
        }
        for (kind, sample) in &self.joins {
            if *kind == Kind::Switchboard {
                target("p99 of joins, ms", sample.window.joins.quantile_ms(0.99), MOST_JOIN_MS);
                target("others' loss meanwhile, %", sample.window.loss() * 100.0, 0.0);
                target("others' p99 meanwhile, ms", sample.window.tally.delay.quantile_ms(0.99), MOST_DELAY_MS);
            }
        }
        println!();
    }

    /// Draws the pictures that there are measurements for.
    pub(super) fn draw(&self, folder: &Path) -> Outcome {
        fs::create_dir_all(folder)?;
        fs::write(folder.join("sfu-cost.svg"), chart::cost(&self.costs()))?;
        let delays = self.forwarding.iter().find(|(topology, _)| (topology.publishers, topology.viewers) == (1, 200));
        if let Some((_, samples)) = delays {
            fs::write(folder.join("sfu-delay.svg"), chart::delays(samples))?;
        }
        Ok(())
    }

    /// Cost against viewers of one publisher, for each kind.
    fn costs(&self) -> Vec<(Kind, Vec<(f64, f64)>)> {
        let mut costs: Vec<(Kind, Vec<(f64, f64)>)> = Vec::new();
        for (topology, samples) in self.forwarding.iter().filter(|(topology, _)| topology.publishers == 1) {
            for (kind, sample) in samples {
                let point = (topology.viewers as f64, sample.cost_us());
                match costs.iter_mut().find(|(known, _)| known == kind) {
                    Some((_, points)) => points.push(point),
                    None => costs.push((*kind, vec![point])),
                }
            }
        }
        costs
    }

    fn find(&self, (publishers, viewers): (usize, usize), wanted: Kind) -> Option<&Sample> {
        let wanted_topology = Topology { publishers, viewers };
        let (_, samples) = self.forwarding.iter().find(|(topology, _)| *topology == wanted_topology)?;
        samples.iter().find(|(kind, _)| *kind == wanted).map(|(_, sample)| sample)
    }
}

/// Says what makes a line doubtful.
fn warn(kind: Kind, sample: &Sample, topology: &Topology) {
    let tally = &sample.window.tally;
    if tally.unopened > 0 {
        println!("{:<16}{} packets could not be opened", "", tally.unopened);
    }
    if matches!(kind, Kind::Floor | Kind::SegmentedFloor) {
        return;
    }
    let due = (tally.published * topology.viewers as u64).max(1);
    let share = tally.delivered as f64 / due as f64;
    if share < 0.99 {
        println!("{:<16}only {:.1} % of what was published was sent on", "", share * 100.0);
    }
    if tally.beside > tally.delivered / 100 {
        println!("{:<16}{} packets beside the media (probes, or sent again)", "", tally.beside);
    }
    let late_ms = tally.late.quantile_ms(0.99);
    if late_ms > MOST_LATE_MS {
        println!("{:<16}the load was late itself: p99 {late_ms:.0} ms; the machine was full", "");
    }
}

fn target(what: &str, reached: f64, most: f64) {
    let verdict = if reached <= most { "met" } else { "MISSED" };
    println!("{what:<48}{reached:>9.3}   at most {most:<6} {verdict}");
}
