//! What a viewer got, looked at as a decoder would.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::media::{Stamp, Vp8Numbers};

/// One packet of picture that a viewer got.
#[derive(Clone, Copy, Debug)]
pub struct Got {
    pub at: Instant,
    pub timestamp: u32,
    pub marker: bool,
    pub stamp: Stamp,
    pub numbers: Option<Vp8Numbers>,
}

/// A frame that could be decoded.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    pub at: Instant,
    pub layer: u8,
    pub number: u32,
    pub key: bool,
    timestamp: u32,
    numbers: Option<Vp8Numbers>,
}

/// The whole of it.
#[derive(Debug, Default)]
pub struct Report {
    /// Frames in the order in which they are shown.
    pub frames: Vec<Frame>,
    /// Numbers between the first and the last that never came.
    pub missing: usize,
    /// What no decoder would stand.
    pub faults: Vec<String>,
}

impl Report {
    /// Looks at the packets by their sequence numbers.
    pub fn of(packets: &BTreeMap<u64, Got>) -> Self {
        let mut report = Self::default();
        let mut broken = true;
        let mut frame: Vec<Got> = Vec::new();
        let mut expected = None;
        for (sequence, got) in packets {
            let gap = expected.map_or(0, |expected| sequence - expected);
            expected = Some(sequence + 1);
            if gap > 0 {
                report.missing += gap as usize;
                broken = true;
                frame.clear();
            }
            if got.stamp.index == 0 {
                // At a change of layer the old layer's frame may be cut off: no decoder minds before a key frame.
                let cut = got.stamp.key && frame.first().is_some_and(|first| first.stamp.layer != got.stamp.layer);
                broken |= cut;
                if !frame.is_empty() && !cut {
                    report.faults.push(format!("{:?} was not finished", frame[0].stamp));
                }
                frame.clear();
            } else if frame.is_empty() {
                if !broken {
                    report.faults.push(format!("{:?} has no beginning", got.stamp));
                }
                continue;
            }
            frame.push(*got);
            if got.stamp.index + 1 == got.stamp.count {
                report.finish(&frame, &mut broken);
                frame.clear();
            }
        }
        report
    }

    fn finish(&mut self, packets: &[Got], broken: &mut bool) {
        let first = packets[0];
        let stamp = first.stamp;
        let whole = packets.iter().enumerate().all(|(index, got)| {
            usize::from(got.stamp.index) == index
                && (got.stamp.layer, got.stamp.frame, got.timestamp) == (stamp.layer, stamp.frame, first.timestamp)
                && got.marker == (index + 1 == packets.len())
        });
        if !whole {
            self.faults.push(format!("{stamp:?} is made of pieces of others"));
        }
        let before = self.frames.last();
        let follows = before.is_some_and(|before| before.layer == stamp.layer && before.number + 1 == stamp.frame);
        if !stamp.key && !follows {
            if !*broken {
                self.faults.push(format!("{stamp:?} does not follow {before:?}"));
            }
            return;
        }
        if let Some(before) = before
            && (first.timestamp.wrapping_sub(before.timestamp) as i32) <= 0
        {
            self.faults.push(format!("the time of {stamp:?} is not after that of {before:?}"));
        }
        if let (Some(Some(old)), Some(new), false) = (before.map(|before| before.numbers), first.numbers, *broken)
            && (new.picture != (old.picture + 1) & 0x7fff || new.tl0 != old.tl0.wrapping_add(1))
        {
            self.faults.push(format!("VP8's {new:?} does not follow {old:?}"));
        }
        *broken = false;
        let at = packets.iter().map(|got| got.at).max().unwrap_or(first.at);
        let Got { timestamp, numbers, .. } = first;
        self.frames.push(Frame { at, layer: stamp.layer, number: stamp.frame, key: stamp.key, timestamp, numbers });
    }

    /// The layers that were shown, one after the other.
    pub fn layers(&self) -> Vec<u8> {
        let mut layers: Vec<u8> = self.frames.iter().map(|frame| frame.layer).collect();
        layers.dedup();
        layers
    }

    /// Frames shown in some time.
    pub fn between(&self, from: Instant, to: Instant) -> impl Iterator<Item = &Frame> {
        self.frames.iter().filter(move |frame| (from..to).contains(&frame.at))
    }

    #[track_caller]
    pub fn assert_flawless(&self) {
        assert!(self.faults.is_empty(), "{} faults, the first: {}", self.faults.len(), self.faults[0]);
        assert_eq!(self.missing, 0, "packets are missing for good");
    }
}
