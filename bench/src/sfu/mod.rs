//! The media plane beside Janus and beside the floor: what forwarding a packet costs, how long it takes, how fast
//! viewers come in.
//!
//! The one rule: everything is measured alike and in turn, in one run, in one network; each measurement has the machine
//! to itself but for the load, which is the same for all.

mod chart;
mod client;
pub(crate) mod floor;
mod janus;
mod link;
mod load;
mod measure;
mod namespace;
mod picture;
mod report;
mod rtcp;
mod sdp;
mod srtp;
mod switchboard;
mod window;

use std::{path::PathBuf, time::Duration};

use self::{
    measure::{Kind, Lengths, Sample, Topology},
    report::Report,
};
use crate::Outcome;

/// One publisher, for the cost against viewers; and many publishers.
const TOPOLOGIES: [Topology; 5] = [of(1, 10), of(1, 50), of(1, 100), of(1, 200), of(10, 20)];
const KINDS: [Kind; 4] = [Kind::Switchboard, Kind::Janus, Kind::Floor, Kind::SegmentedFloor];
/// Who watches already when joins are measured.
const WATCHING: usize = 50;
const LENGTHS: Lengths = Lengths { warm_up: Duration::from_secs(3), window: Duration::from_secs(10) };
const JOIN_LENGTHS: Lengths = Lengths { warm_up: Duration::from_secs(3), window: Duration::from_secs(4) };
const QUICK: Lengths = Lengths { warm_up: Duration::from_secs(1), window: Duration::from_secs(2) };
const ROUNDS: usize = 2;
/// Whatever happens, it ends: the whole takes twelve minutes.
const LONGEST: Duration = Duration::from_secs(30 * 60);
const USAGE: &str = "sfu [--quick] [--pictures DIR] [--switchboard-only] [PUBLISHERSxVIEWERS | joins]...";

const fn of(publishers: usize, viewers: usize) -> Topology {
    Topology { publishers, viewers }
}

/// What the command line asked for.
struct Plan {
    lengths: Lengths,
    join_lengths: Lengths,
    rounds: usize,
    kinds: Vec<Kind>,
    topologies: Vec<Topology>,
    joins: bool,
    pictures: Option<PathBuf>,
}

/// Runs what the rest of the command line asks for.
pub(crate) async fn run(arguments: impl Iterator<Item = String>) -> Outcome {
    let plan = Plan::read(arguments)?;
    if !namespace::is_inside() {
        return namespace::run_inside();
    }
    namespace::set_up()?;
    tokio::time::timeout(LONGEST, plan.run()).await.map_err(|_| "it took too long")?
}

impl Plan {
    fn read(mut arguments: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut plan = Self {
            lengths: LENGTHS,
            join_lengths: JOIN_LENGTHS,
            rounds: ROUNDS,
            kinds: KINDS.to_vec(),
            topologies: Vec::new(),
            joins: false,
            pictures: None,
        };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--quick" => (plan.lengths, plan.join_lengths, plan.rounds) = (QUICK, QUICK, 1),
                "--pictures" => plan.pictures = Some(arguments.next().ok_or(USAGE)?.into()),
                "--switchboard-only" => plan.kinds = vec![Kind::Switchboard],
                "joins" => plan.joins = true,
                topology => plan.topologies.push(parse(topology)?),
            }
        }
        if plan.topologies.is_empty() && !plan.joins {
            (plan.topologies, plan.joins) = (TOPOLOGIES.to_vec(), true);
        }
        Ok(plan)
    }

    async fn run(mut self) -> Outcome {
        if self.kinds.contains(&Kind::Janus) && !janus::is_installed() {
            println!("janus: left out: it is not installed (apt-get install janus)\n");
            self.kinds.retain(|kind| *kind != Kind::Janus);
        }
        let mut report = Report::default();
        for &topology in &self.topologies {
            report.forwarding.push((topology, self.forwarding(topology).await?));
            report.print_last();
        }
        if self.joins {
            report.joins = self.come_in().await?;
            report.print_joins();
        }
        report.judge();
        match &self.pictures {
            Some(folder) => report.draw(folder),
            None => Ok(()),
        }
    }

    /// All kinds in turn, and all of that again.
    async fn forwarding(&self, topology: Topology) -> Outcome<Vec<(Kind, Sample)>> {
        let mut samples: Vec<_> = self.kinds.iter().map(|kind| (*kind, Sample::default())).collect();
        for _ in 0..self.rounds {
            for (kind, sum) in &mut samples {
                let sample = measure::forwarding(*kind, topology, self.lengths).await;
                sum.merge(&sample.map_err(|error| format!("{} with {topology}: {error}", kind.name()))?);
            }
        }
        Ok(samples)
    }

    async fn come_in(&self) -> Outcome<Vec<(Kind, Sample)>> {
        let kinds = self.kinds.iter().filter(|kind| matches!(kind, Kind::Switchboard | Kind::Janus));
        let mut samples: Vec<_> = kinds.map(|kind| (*kind, Sample::default())).collect();
        for _ in 0..self.rounds {
            for (kind, sum) in &mut samples {
                sum.merge(&measure::joins(*kind, WATCHING, self.join_lengths).await?);
            }
        }
        Ok(samples)
    }
}

fn parse(text: &str) -> Outcome<Topology> {
    let numbers =
        text.split_once('x').and_then(|(publishers, viewers)| Some((publishers.parse().ok()?, viewers.parse().ok()?)));
    match numbers {
        Some((publishers @ 1..=100, viewers @ 1..=500)) => Ok(of(publishers, viewers)),
        _ => Err(USAGE.into()),
    }
}
