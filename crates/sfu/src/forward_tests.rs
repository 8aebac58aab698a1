//! Sequence numbers, timestamps and VP8 numbers as plain tables: what comes in, what must go out.

use super::*;
use crate::id::Key;
use crate::testing::{at_ms, packet};

const LOW: Origin = Origin { source: Key(0), layer: 0 };
const HIGH: Origin = Origin { source: Key(0), layer: 1 };
const AGAIN: Origin = Origin { source: Key(1), layer: 0 };

/// What happens to one packet.
enum Step {
    /// Start to forward this origin with this packet.
    Switch(Origin, u64),
    Forward(Origin, u64),
    Skip(Origin, u64),
}
use Step::{Forward, Skip, Switch};

#[test]
fn sequence_numbers() {
    type Table = (&'static str, u16, Vec<(Step, Option<u64>)>);
    let tables: Vec<Table> = vec![
        (
            "in order",
            10,
            vec![(Switch(LOW, 500), Some(10)), (Forward(LOW, 501), Some(11)), (Forward(LOW, 502), Some(12))],
        ),
        (
            "a gap stays a gap and a late packet fills it",
            10,
            vec![(Switch(LOW, 500), Some(10)), (Forward(LOW, 503), Some(13)), (Forward(LOW, 501), Some(11))],
        ),
        (
            "what came before the start is not for this viewer",
            10,
            vec![(Switch(LOW, 500), Some(10)), (Forward(LOW, 499), None), (Forward(HIGH, 501), None)],
        ),
        (
            "over the publisher's wrap",
            10,
            vec![(Switch(LOW, 65_535), Some(10)), (Forward(LOW, 65_536), Some(11)), (Forward(LOW, 65_537), Some(12))],
        ),
        (
            "over the viewer's wrap",
            65_535,
            vec![(Switch(LOW, 7), Some(65_535)), (Forward(LOW, 8), Some(65_536)), (Forward(LOW, 9), Some(65_537))],
        ),
        (
            "a publisher that ran for hours starts low for a late joiner",
            1,
            vec![(Switch(LOW, 9_000_000), Some(1)), (Forward(LOW, 9_000_001), Some(2))],
        ),
        (
            "a switch goes on without a gap",
            10,
            vec![
                (Switch(LOW, 500), Some(10)),
                (Forward(LOW, 501), Some(11)),
                (Switch(HIGH, 40), Some(12)),
                (Forward(LOW, 502), None),
                (Forward(HIGH, 41), Some(13)),
                (Switch(LOW, 520), Some(14)),
                (Forward(LOW, 521), Some(15)),
            ],
        ),
        (
            "a late packet of the old layer fills its old gap only",
            10,
            vec![
                (Switch(LOW, 500), Some(10)),
                (Forward(LOW, 502), Some(12)),
                (Switch(HIGH, 40), Some(13)),
                (Forward(LOW, 501), Some(11)),
                (Forward(LOW, 503), None),
                (Forward(HIGH, 41), Some(14)),
            ],
        ),
        (
            "the same publisher on another connection",
            10,
            vec![(Switch(LOW, 500), Some(10)), (Switch(AGAIN, 3), Some(11)), (Forward(AGAIN, 4), Some(12))],
        ),
        (
            "a packet left out in order leaves no gap",
            10,
            vec![
                (Switch(LOW, 500), Some(10)),
                (Skip(LOW, 501), None),
                (Forward(LOW, 502), Some(11)),
                (Skip(LOW, 503), None),
                (Skip(LOW, 504), None),
                (Forward(LOW, 505), Some(12)),
            ],
        ),
        (
            "a packet left out of order leaves its gap",
            10,
            vec![
                (Switch(LOW, 500), Some(10)),
                (Forward(LOW, 502), Some(12)),
                (Skip(LOW, 501), None),
                (Forward(LOW, 503), Some(13)),
            ],
        ),
    ];
    for (name, first, steps) in tables {
        let mut rewriter = Rewriter::new(first, 90_000);
        for (at, (step, expected)) in steps.into_iter().enumerate() {
            let out = match step {
                Switch(origin, sequence) => {
                    let packet = packet(sequence);
                    rewriter.switch(origin, &packet);
                    rewriter.forward(origin, &packet)
                }
                Forward(origin, sequence) => rewriter.forward(origin, &packet(sequence)),
                Skip(origin, sequence) => {
                    rewriter.skip(origin, &packet(sequence));
                    None
                }
            };
            assert_eq!(out.map(|out| out.sequence), expected, "{name}, step {at}");
        }
    }
}

#[test]
fn the_way_back() {
    let mut rewriter = Rewriter::new(65_530, 90_000);
    let run = |rewriter: &mut Rewriter, origin: Origin, from: u64, to: u64| {
        rewriter.switch(origin, &packet(from));
        for sequence in from..=to {
            rewriter.forward(origin, &packet(sequence));
        }
    };
    run(&mut rewriter, LOW, 100, 109);
    run(&mut rewriter, HIGH, 7, 10);
    let cases = [
        (65_530, Some((LOW, 100))),
        (65_535, Some((LOW, 105))),
        (0, Some((LOW, 106))),
        (3, Some((LOW, 109))),
        (4, Some((HIGH, 7))),
        (7, Some((HIGH, 10))),
        (8, None),
        (65_529, None),
    ];
    for (out, expected) in cases {
        assert_eq!(rewriter.original(out), expected, "number {out}");
    }
    let again = rewriter.again(LOW, &packet(106)).expect("it went out");
    assert_eq!(again.sequence, 65_536);
}

#[test]
fn a_gap_has_no_original_after_a_switch() {
    let mut rewriter = Rewriter::new(0, 90_000);
    rewriter.switch(LOW, &packet(100));
    rewriter.forward(LOW, &packet(100));
    rewriter.switch(HIGH, &packet(5));
    rewriter.forward(HIGH, &packet(5));
    assert_eq!(rewriter.original(0), Some((LOW, 100)));
    assert_eq!(rewriter.original(1), Some((HIGH, 5)));
    assert_eq!(rewriter.original(2), None);
}

fn timed(sequence: u64, timestamp: u32, taken_ms: u64, arrival_ms: u64) -> Packet {
    Packet { timestamp, taken: at_ms(taken_ms), arrival: at_ms(arrival_ms), ..packet(sequence) }
}

#[test]
fn timestamps_go_on_by_when_packets_were_taken() {
    let mut rewriter = Rewriter::new(0, 90_000);
    let first = timed(1, 4_000_000_000, 10, 10);
    rewriter.switch(LOW, &first);
    assert_eq!(rewriter.forward(LOW, &first).map(|out| out.timestamp), Some(4_000_000_000));

    // It arrived 100 ms later but was taken 40 ms later: the network was slow, the viewer must not see that.
    let second = timed(9, 77, 50, 110);
    rewriter.switch(HIGH, &second);
    assert_eq!(rewriter.forward(HIGH, &second).map(|out| out.timestamp), Some(4_000_003_600));
    let third = timed(3, 5_000, 150, 150);
    rewriter.switch(AGAIN, &third);
    assert_eq!(rewriter.forward(AGAIN, &third).map(|out| out.timestamp), Some(4_000_012_600));
}

#[test]
fn timestamps_never_go_back() {
    let mut rewriter = Rewriter::new(0, 90_000);
    let first = timed(1, u32::MAX, 100, 110);
    rewriter.switch(LOW, &first);
    rewriter.forward(LOW, &first);
    // 10 ms before the last one, then 23 after it: by then all is as it should be, but for what was squeezed.
    rewriter.switch(HIGH, &timed(9, 50_000, 90, 120));
    let mut sent = |sequence, timestamp| {
        let out = rewriter.forward(HIGH, &timed(sequence, timestamp, 90, 120)).expect("forwarded");
        (out.timestamp, out.late_ticks)
    };
    assert_eq!(sent(9, 50_000), (0, 901));
    assert_eq!(sent(10, 50_000), (0, 901), "the same frame");
    assert_eq!(sent(11, 50_640), (10, 271));
    assert_eq!(sent(12, 53_000), (2_099, 0));
    assert_eq!(sent(9, 50_000), (0, 901), "again");
    assert_eq!(rewriter.again(HIGH, &timed(9, 50_000, 90, 120)).map(|out| out.timestamp), Some(0));
    let much_earlier = timed(700, 0, 0, 200);
    let mut rewriter = Rewriter::new(0, 90_000);
    rewriter.switch(LOW, &timed(1, 7, 5_000, 5_000));
    rewriter.forward(LOW, &timed(1, 7, 5_000, 5_000));
    rewriter.switch(HIGH, &much_earlier);
    let out = rewriter.forward(HIGH, &much_earlier).map(|out| (out.timestamp, out.late_ticks));
    assert_eq!(out, Some((8, 0)), "a clock that was set back");
}

fn vp8(sequence: u64, picture_id: u16, tl0_picture: u8, key_index: u8) -> Packet {
    let vp8 = Vp8Ids { picture_id: Some(picture_id), tl0_picture: Some(tl0_picture), key_index: Some(key_index) };
    Packet { vp8, ..packet(sequence) }
}

#[test]
fn vp8_numbers_follow_each_other() {
    let mut rewriter = Rewriter::new(0, 90_000);
    let first = vp8(1, 0x7fff, 255, 31);
    rewriter.switch(LOW, &first);
    let out = rewriter.forward(LOW, &first).expect("forwarded");
    assert_eq!(out.vp8, None, "nothing to change before the first switch");

    let second = vp8(50, 1_000, 7, 3);
    rewriter.switch(HIGH, &second);
    let out = rewriter.forward(HIGH, &second).expect("forwarded").vp8.expect("changed");
    assert_eq!((out.picture_id, out.tl0_picture, out.key_index), (Some(0), Some(0), Some(0)));

    let out = rewriter.forward(HIGH, &vp8(51, 1_001, 8, 3)).expect("forwarded").vp8.expect("changed");
    assert_eq!((out.picture_id, out.tl0_picture, out.key_index), (Some(1), Some(1), Some(0)));
}
