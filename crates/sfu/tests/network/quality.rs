//! Layers: up where the network allows it, down where it does not, and nobody else notices.

use switchboard_sfu::{Event, Wish};

use crate::link::Conditions;
use crate::world::World;

#[test]
fn climbs_to_the_best_layer() {
    let mut world = World::new(20);
    let publisher = world.simulcast_publisher(Conditions::GOOD);
    world.run_ms(1_000);
    let viewer = world.viewer(publisher, Conditions::GOOD);
    let best = Event::LayerSelected(Some("hi".into()));
    world.run_until(8_000, "the best layer", |world| world.has_event(viewer, &best));
    world.run_ms(2_000);
    let report = world.client(viewer).report();
    report.assert_flawless();
    assert_eq!(report.layers(), [0, 1, 2], "each change at a key frame");
}

#[test]
fn a_bottleneck_costs_one_viewer_its_quality_and_the_other_nothing() {
    let mut world = World::new(21);
    let publisher = world.simulcast_publisher(Conditions::GOOD);
    world.run_ms(1_000);
    let poor = world.viewer(publisher, Conditions::GOOD);
    let rich = world.viewer(publisher, Conditions::GOOD);
    let best = Event::LayerSelected(Some("hi".into()));
    world.run_until(8_000, "the best layer", |world| world.has_event(poor, &best) && world.has_event(rich, &best));
    world.run_ms(1_000);

    world.client(poor).down.conditions = Conditions::capped(500_000);
    let squeezed = world.now;
    let lowest = Event::LayerSelected(Some("low".into()));
    let fell =
        |world: &World| world.events.iter().any(|(at, id, event)| *at > squeezed && *id == poor && *event == lowest);
    world.run_until(6_000, "the smallest layer", |world| fell(world));
    let settled = world.now;
    world.run_ms(6_000);

    let (from, to) = (settled + std::time::Duration::from_secs(2), world.now);
    let report = world.client(poor).report();
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    let low = report.between(from, to).filter(|frame| frame.layer == 0).count();
    assert!(low > 90, "{low} frames of the smallest layer in 4 s");
    let sound = world.client(poor).audio_between(from, to);
    assert!(sound > 190, "{sound} packets of sound in 4 s");

    let untouched = world.client(rich).report();
    untouched.assert_flawless();
    assert!(untouched.between(squeezed, to).all(|frame| frame.layer == 2));
    let frames = untouched.between(from, to).count();
    assert!(frames > 115, "{frames} frames in 4 s");

    world.client(poor).down.conditions = Conditions::GOOD;
    let freed = world.now;
    let rose = |world: &World| world.events.iter().any(|(at, id, event)| *at > freed && *id == poor && *event == best);
    world.run_until(40_000, "the best layer again", |world| rose(world));
}

#[test]
fn the_picture_goes_before_the_sound() {
    let mut world = World::new(22);
    let publisher = world.simple_publisher(Conditions::GOOD);
    let poor = world.viewer(publisher, Conditions::GOOD);
    let rich = world.viewer(publisher, Conditions::GOOD);
    world.run_ms(3_000);
    world.client(poor).down.conditions = Conditions::capped(250_000);
    world.run_until(15_000, "no picture", |world| world.has_event(poor, &Event::LayerSelected(None)));
    let paused = world.now;
    world.run_ms(1_000);
    let now = world.now;
    let heard = world.client(poor).audio_between(paused + std::time::Duration::from_millis(500), now);
    assert!(heard >= 23, "{heard} packets of sound in half a second");
    world.client(poor).down.conditions = Conditions::GOOD;
    world.run_until(30_000, "the picture again", |world| {
        world
            .events
            .iter()
            .any(|(at, id, event)| *at > paused && *id == poor && *event == Event::LayerSelected(Some(String::new())))
    });
    world.client(rich).report().assert_flawless();
}

#[test]
fn a_viewer_chooses() {
    let mut world = World::new(23);
    let publisher = world.simulcast_publisher(Conditions::GOOD);
    world.run_ms(1_000);
    let viewer = world.viewer(publisher, Conditions::GOOD);
    let low = world.shard.layer(publisher, "low").expect("the layer is there");
    world.shard.wish(world.now, viewer, true, Wish::UpTo(low));
    world.run_ms(6_000);
    assert_eq!(world.client(viewer).report().layers(), [0]);

    let (now, silent_from) = (world.now, world.client(viewer).audio_got.len());
    world.shard.wish(now, viewer, false, Wish::Best);
    world.run_until(8_000, "the best layer", |world| world.has_event(viewer, &Event::LayerSelected(Some("hi".into()))));
    assert!(world.client(viewer).audio_got.len() <= silent_from + 2, "no sound was wanted");

    let now = world.now;
    world.shard.wish(now, viewer, true, Wish::Off);
    assert_eq!(world.events_of(viewer).last(), Some(&Event::LayerSelected(Some("hi".into()))));
    world.run_ms(100);
    assert!(world.has_event(viewer, &Event::LayerSelected(None)));
    let pictures = world.client(viewer).video_got.len();
    world.run_ms(1_000);
    assert_eq!(world.client(viewer).video_got.len(), pictures);
    world.client(viewer).report().assert_flawless();
}

#[test]
fn a_layer_that_dies_is_replaced() {
    let mut world = World::new(24);
    let publisher = world.simulcast_publisher(Conditions::GOOD);
    world.run_ms(1_000);
    let viewer = world.viewer(publisher, Conditions::GOOD);
    world.run_until(8_000, "the best layer", |world| world.has_event(viewer, &Event::LayerSelected(Some("hi".into()))));
    world.client(publisher).set_layer(0, false);
    world.run_ms(4_000);
    let (to, from) = (world.now, world.now - std::time::Duration::from_secs(1));
    let report = world.client(viewer).report();
    report.assert_flawless();
    assert!(report.between(from, to).count() > 25, "the next best layer is shown");
    world.client(publisher).set_layer(0, true);
    world.run_ms(4_000);
    assert_eq!(world.client(viewer).report().frames.last().map(|frame| frame.layer), Some(2));
}
