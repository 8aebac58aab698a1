//! The command line beside `aws`: what one command costs as a whole process.

mod meter;

use std::path::{Path, PathBuf};

use serde_json::Value;
use tokio::process::Command;

use crate::{
    Outcome,
    api::ready_instance,
    process::{ACCESS_KEY, Server, median, scratch, sibling},
    python,
};
pub(crate) use meter::run as meter;
use meter::{Cost, measure};

/// The version that is compared with: the one of the tests.
const PACKAGE: &str = "awscli==1.45.11";

const ROUNDS: usize = 9;
/// How often each side runs in a round: ours takes milliseconds, and is steady only over many.
const OURS_A_ROUND: usize = 25;
const THEIRS_A_ROUND: usize = 1;

/// The two programs, and the environment that both run in.
struct Pair {
    ours: PathBuf,
    aws: PathBuf,
    environment: Vec<(String, String)>,
}

/// What a command cost on both sides.
struct Costs {
    ours: Cost,
    aws: Cost,
}

pub(crate) async fn run() -> Outcome {
    println!("## One command, as a whole process\n");
    let aws = match python::installed(PACKAGE, "aws").await {
        Ok(aws) => aws,
        Err(error) => {
            println!("left out: {error}\n");
            return Ok(());
        }
    };
    let home = scratch("cli-home")?;
    let server = Server::switchboard(None).await?;
    let (instance, _) = ready_instance(&server).await?;
    let pair = Pair { ours: sibling("switchboard")?, aws, environment: environment(&home, &server) };

    let costs = pair.costs("a skeleton", &["connect", "associate-bot", "--generate-cli-skeleton"]).await?;
    println!("CPU: 1/{:.0} of aws's (target: at most 1/200)", costs.aws.cpu_ms / costs.ours.cpu_ms);
    peak(&costs);

    let call = ["connect", "describe-instance", "--instance-id", &instance];
    pair.check_answers(&call, &instance).await?;
    let costs = pair.costs("a call, signed, to a server on this machine", &call).await?;
    println!("wall: 1/{:.0} of aws's (target: at most 1/100)", costs.aws.wall_ms / costs.ours.wall_ms);
    peak(&costs);

    let costs = pair.costs("nothing but its version, for comparison", &["--version"]).await?;
    println!("CPU: 1/{:.0} of aws's\n", costs.aws.cpu_ms / costs.ours.cpu_ms);
    server.stop().await?;
    Ok(std::fs::remove_dir_all(home)?)
}

fn peak(costs: &Costs) {
    println!("peak memory: {:.1} MiB (target: below 12)\n", costs.ours.peak_mib);
}

/// A user with keys and a region, and no files.
fn environment(home: &Path, server: &Server) -> Vec<(String, String)> {
    let (key, secret) = ACCESS_KEY;
    let url = format!("http://{}", server.address);
    let home = home.display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    let variables = [
        ("PATH", path.as_str()),
        ("HOME", &home),
        ("AWS_ACCESS_KEY_ID", key),
        ("AWS_SECRET_ACCESS_KEY", secret),
        // Version 1 of aws reads only the second.
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", &url),
    ];
    variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

impl Pair {
    /// Runs both in turn, and prints the median of each side's rounds.
    async fn costs(&self, what: &str, words: &[&str]) -> Outcome<Costs> {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        // The first run reads the program from the disk.
        self.round(&words).await?;
        let (mut ours, mut aws) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let costs = self.round(&words).await?;
            ours.push(costs.ours);
            aws.push(costs.aws);
        }
        let costs = Costs { ours: middle(&ours), aws: middle(&aws) };
        println!("{what}");
        print("switchboard", costs.ours);
        print("aws", costs.aws);
        Ok(costs)
    }

    async fn round(&self, words: &[String]) -> Outcome<Costs> {
        Ok(Costs {
            ours: measure(&self.ours, words, &self.environment, OURS_A_ROUND).await?,
            aws: measure(&self.aws, words, &self.environment, THEIRS_A_ROUND).await?,
        })
    }

    /// A call that failed, or found something else, would be no comparison.
    async fn check_answers(&self, words: &[&str], instance: &str) -> Outcome {
        for program in [&self.ours, &self.aws] {
            let mut command = Command::new(program);
            let output = command.args(words).env_clear().envs(self.environment.iter().cloned()).output().await?;
            let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
            if answer["Instance"]["Id"] != instance {
                let problem = String::from_utf8_lossy(&output.stderr);
                return Err(format!("{} did not find the instance: {problem}", program.display()).into());
            }
        }
        Ok(())
    }
}

fn middle(rounds: &[Cost]) -> Cost {
    let of = |value: fn(&Cost) -> f64| median(rounds.iter().map(value).collect());
    Cost { wall_ms: of(|cost| cost.wall_ms), cpu_ms: of(|cost| cost.cpu_ms), peak_mib: of(|cost| cost.peak_mib) }
}

fn print(who: &str, cost: Cost) {
    println!(
        "{who:<20} {:>8.2} ms wall   {:>8.2} ms CPU   {:>6.1} MiB at its peak",
        cost.wall_ms, cost.cpu_ms, cost.peak_mib
    );
}
