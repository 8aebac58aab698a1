//! The pictures, as SVG.
//!
//! The one rule: they are read without the text around them, in light and in dark. Colours tell systems apart also for
//! those who see few, and each line has its name at its end or in the legend.

use std::fmt::Write as _;

use super::measure::{Kind, Sample};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 440.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 112.0;
const BOTTOM: f64 = 56.0;

/// Light, and what dark changes of it.
const STYLE: &str = "text{font:13px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:#1f2328}\
.title{font-size:16px;font-weight:600}.soft{fill:#59636e}.paper{fill:#fff}.grid{stroke:#d1d9e0;stroke-width:1}\
.axis{stroke:#59636e;stroke-width:1}.line{fill:none;stroke-width:2.5;stroke-linejoin:round;stroke-linecap:round}\
.s0{stroke:#0969da}.s1{stroke:#d1570a}.s2{stroke:#59636e}.s3{stroke:#59636e;stroke-dasharray:2 6}\
.d0{fill:#0969da}.d1{fill:#d1570a}.d2,.d3{fill:#59636e}.target{stroke:#1a7f37;stroke-width:1.5;stroke-dasharray:6 4}\
.aim{fill:#1a7f37}.halo{stroke:#fff;stroke-width:5;paint-order:stroke}";
const DARK: &str = "text{fill:#f0f6fc}.soft{fill:#9198a1}.paper{fill:#0d1117}.grid{stroke:#30363d}.axis{stroke:#9198a1}\
.s0{stroke:#58a6ff}.s1{stroke:#f0883e}.s2,.s3{stroke:#9198a1}.d0{fill:#58a6ff}.d1{fill:#f0883e}.d2,.d3{fill:#9198a1}\
.target{stroke:#3fb950}.aim{fill:#3fb950}.halo{stroke:#0d1117}";

/// A picture on its way: a frame in which values have places.
struct Chart {
    svg: String,
    x: (f64, f64),
    y: (f64, f64),
    logarithmic: bool,
}

impl Chart {
    fn new(title: &str, subtitle: &str, x: (f64, f64), y: (f64, f64), logarithmic: bool) -> Self {
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
             aria-label=\"{title}\">\n<style>{STYLE}\n@media (prefers-color-scheme:dark){{{DARK}}}</style>\n\
             <rect class=\"paper\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"8\"/>\n"
        );
        let _ = writeln!(svg, "<text class=\"title\" x=\"{LEFT}\" y=\"30\">{title}</text>");
        let _ = writeln!(svg, "<text class=\"soft\" x=\"{LEFT}\" y=\"50\">{subtitle}</text>");
        Self { svg, x, y, logarithmic }
    }

    fn at_x(&self, value: f64) -> f64 {
        let scale = |value: f64| if self.logarithmic { value.log10() } else { value };
        let (from, to) = (scale(self.x.0), scale(self.x.1));
        LEFT + (scale(value) - from) / (to - from) * (WIDTH - LEFT - RIGHT)
    }

    fn at_y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - (value - self.y.0) / (self.y.1 - self.y.0) * (HEIGHT - TOP - BOTTOM)
    }

    fn y_axis(&mut self, step: f64, name: &str) {
        let mut value = self.y.0;
        while value <= self.y.1 + step / 1e6 {
            let (y, right) = (self.at_y(value), WIDTH - RIGHT);
            self.line(if value > self.y.0 { "grid" } else { "axis" }, (LEFT, y), (right, y));
            self.text("soft", (LEFT - 8.0, y + 4.0), "end", &trim(value));
            value += step;
        }
        self.text("soft", (LEFT, TOP - 10.0), "start", name);
    }

    fn x_axis(&mut self, ticks: &[(f64, String)], name: &str) {
        let bottom = HEIGHT - BOTTOM;
        for (value, label) in ticks {
            let x = self.at_x(*value);
            self.line("axis", (x, bottom), (x, bottom + 5.0));
            self.text("soft", (x, bottom + 20.0), "middle", label);
        }
        self.text("soft", ((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 12.0), "middle", name);
    }

    fn legend(&mut self, kinds: &[Kind]) {
        let mut x = LEFT;
        for kind in kinds {
            self.line(&format!("line s{}", *kind as usize), (x, 66.0), (x + 26.0, 66.0));
            self.text("", (x + 34.0, 70.0), "start", legend(*kind));
            x += 54.0 + 7.0 * legend(*kind).len() as f64;
        }
    }

    fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let ((x1, y1), (x2, y2)) = (from, to);
        let _ =
            writeln!(self.svg, "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>");
    }

    fn text(&mut self, class: &str, (x, y): (f64, f64), anchor: &str, text: &str) {
        let _ = writeln!(
            self.svg,
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
        );
    }

    fn curve(&mut self, kind: Kind, points: &[(f64, f64)]) {
        let places: Vec<String> =
            points.iter().map(|&(x, y)| format!("{:.1},{:.1}", self.at_x(x), self.at_y(y))).collect();
        let _ = writeln!(self.svg, "<polyline class=\"line s{}\" points=\"{}\"/>", kind as usize, places.join(" "));
    }

    fn dot(&mut self, kind: Kind, (x, y): (f64, f64)) {
        let (x, y) = (self.at_x(x), self.at_y(y));
        let _ = writeln!(self.svg, "<circle class=\"d{}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>", kind as usize);
    }

    fn finish(mut self) -> String {
        self.svg.push_str("</svg>\n");
        self.svg
    }
}

/// CPU per packet against viewers.
pub(super) fn cost(costs: &[(Kind, Vec<(f64, f64)>)]) -> String {
    let all = || costs.iter().flat_map(|(_, points)| points);
    let highest = all().map(|point| point.1).fold(10.0, f64::max);
    let step = if highest > 30.0 { 10.0 } else { 5.0 };
    let top = (highest * 1.05 / step).ceil() * step;
    let widest = all().map(|point| point.0).fold(10.0, f64::max);
    let title = "What it costs to forward a packet";
    let subtitle = "one publisher of 1.5 Mbit/s; packets of 1200 bytes; CPU time of the server’s process";
    let mut chart = Chart::new(title, subtitle, (0.0, widest * 1.04), (0.0, top), false);
    chart.y_axis(step, "µs of CPU a packet");
    let mut viewers: Vec<f64> =
        costs.first().map(|(_, points)| points.iter().map(|point| point.0).collect()).unwrap_or_default();
    viewers.sort_by(f64::total_cmp);
    let ticks: Vec<_> = viewers.iter().map(|count| (*count, trim(*count))).collect();
    chart.x_axis(&ticks, "viewers");
    let y = chart.at_y(10.0);
    chart.line("target", (LEFT, y), (WIDTH - RIGHT, y));
    chart.text("aim", (WIDTH - RIGHT, y - 6.0), "end", "target: at most 10 µs");
    for (kind, points) in costs {
        chart.curve(*kind, points);
        points.iter().for_each(|point| chart.dot(*kind, *point));
        // The floors have no numbers of their own at their points: there is no room between them.
        if !matches!(kind, Kind::Switchboard | Kind::Janus) {
            continue;
        }
        for (x, y) in points.first().into_iter().chain(points.last().filter(|_| points.len() > 1)) {
            let place = (chart.at_x(*x), chart.at_y(*y) - 10.0);
            chart.text("halo", place, "middle", &format!("{y:.1}"));
        }
    }
    chart.legend(&costs.iter().map(|(kind, _)| *kind).collect::<Vec<_>>());
    chart.finish()
}

/// Buckets of the delays' picture in a factor of ten.
const PER_DECADE: i32 = 10;
const DECADES: (i32, i32) = (-2, 3);

/// How delays are distributed.
pub(super) fn delays(samples: &[(Kind, Sample)]) -> String {
    let edge = |number: i32| 10_f64.powf(f64::from(number) / f64::from(PER_DECADE));
    let buckets = || DECADES.0 * PER_DECADE..DECADES.1 * PER_DECADE;
    let share = |sample: &Sample, number| sample.window.tally.delay.share(edge(number), edge(number + 1)) * 100.0;
    let highest = samples.iter().flat_map(|(_, sample)| buckets().map(move |number| share(sample, number)));
    let top = (highest.fold(10.0, f64::max) * 1.2 / 10.0).ceil() * 10.0;
    let title = "How long a packet takes through";
    let subtitle =
        "one publisher, 200 viewers; from sending to the kernel of the viewer; all packets of a frame at once";
    let mut chart = Chart::new(title, subtitle, (edge(-20), edge(30)), (0.0, top), true);
    chart.y_axis(if top > 40.0 { 20.0 } else { 10.0 }, "% of packets");
    let ticks: Vec<_> =
        (DECADES.0..=DECADES.1).map(|decade| (edge(decade * PER_DECADE), trim(10_f64.powi(decade)))).collect();
    chart.x_axis(&ticks, "delay in ms (ten steps to a factor of ten)");
    let x = chart.at_x(5.0);
    chart.line("target", (x, TOP), (x, HEIGHT - BOTTOM));
    chart.text("aim", (x + 6.0, TOP + 12.0), "start", "target: p99 under 5 ms");
    for (kind, sample) in samples {
        let steps = buckets().flat_map(|number| [edge(number), edge(number + 1)].map(|x| (x, share(sample, number))));
        chart.curve(*kind, &steps.collect::<Vec<_>>());
    }
    let delay = |sample: &Sample| {
        let delay = &sample.window.tally.delay;
        format!("p50 {:.2} ms, p99 {:.2} ms", delay.quantile_ms(0.5), delay.quantile_ms(0.99))
    };
    for (row, (kind, sample)) in samples.iter().enumerate() {
        let place = (WIDTH - RIGHT - 6.0, TOP + 34.0 + 18.0 * row as f64);
        chart.text("halo", place, "end", &format!("{}: {}", legend(*kind), delay(sample)));
    }
    chart.legend(&samples.iter().map(|(kind, _)| *kind).collect::<Vec<_>>());
    chart.finish()
}

fn legend(kind: Kind) -> &'static str {
    match kind {
        Kind::Switchboard => "Switchboard",
        Kind::Janus => "Janus videoroom",
        Kind::Floor => "floor: seal and sendmmsg",
        Kind::SegmentedFloor => "floor: seal and GSO",
    }
}

/// A number without what says nothing.
fn trim(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_on_axes_are_short() {
        assert_eq!([0.01, 0.1, 10.0, 1_000.0].map(trim), ["0.01", "0.1", "10", "1000"]);
    }
}
