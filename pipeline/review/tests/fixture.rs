//! A survey of three areas on open sea, in metres of a made-up zone.
#![allow(clippy::unwrap_used)] // a test may panic

use crate::reviewed_survey::ReviewedSurvey;
use crate::{NoImagery, Setup, Subject};
use ReviewStage::{Analyst, Headquarters, Nts, Regional};
use geo::{MultiPolygon, Point, Rect, coord};
use rams_domain::{
    AreaKind, Crs, Decision, DoctrineRef, EoCategory, EventDetail, EvidenceKind, ExternalEvidence,
    ExternalEvidenceId, ExternalEvidenceKind, Feature, FeatureId, FeatureVerdict, GapArea,
    GapReason, Ground, HazardArea, HazardAreaId, Indicator, LandClass, Proposal, PxBox, Reason,
    Reliability, Review, ReviewEvent, ReviewStage, ReviewStages, Reviewer, Survey, Threat, Tier,
};
use std::{collections::HashMap, path::Path, sync::Arc};

/// Lower left corner, metres.
pub(crate) const ORIGIN: [f64; 2] = [500_000.0, 1_000.0];

fn ground() -> Ground {
    let [x, y] = ORIGIN;
    let extent = Rect::new(coord! { x: x, y: y }, coord! { x: x + 400.0, y: y + 300.0 });
    // Near the equator, where a degree is 111.3 km either way.
    let lonlat = |at: &geo::Coord| {
        coord! { x: 15.0 + (at.x - 500_000.0) / 111_319.49, y: at.y / 110_574.28 }
    };
    let nodes = Ground::node_positions(extent).iter().map(lonlat).collect();
    let crs = Crs { name: "test zone".into(), code: None, wkt: String::new() };
    Ground::new(crs, extent, nodes).unwrap()
}

pub(crate) fn square(x: f64, y: f64, side: f64) -> MultiPolygon {
    let at = |x: f64, y: f64| coord! { x: ORIGIN[0] + x, y: ORIGIN[1] + y };
    Rect::new(at(x, y), at(x + side, y + side)).to_polygon().into()
}

fn feature(id: u32, x: f64, y: f64, confidence: f32) -> Feature {
    Feature {
        id: FeatureId(id),
        class: "pfm-1".into(),
        indicator: Indicator::MineSurface,
        eo_category: EoCategory::ApMine,
        geometry: Point::new(ORIGIN[0] + x, ORIGIN[1] + y).into(),
        score: confidence,
        confidence,
        size_m: [0.12, 0.06],
        area_m2: 0.0,
        parts: vec![],
        orthomosaic: "flight".into(),
        model: "ordnance".into(),
        px: PxBox { x0: 1.0, y0: 2.0, x1: 30.0, y1: 20.0 },
        detections: vec![],
        also: vec![],
    }
}

fn area(id: u32, boundary: MultiPolygon, threat: Threat, features: &[u32]) -> HazardArea {
    HazardArea {
        id: HazardAreaId(id),
        land_class: LandClass::Sha,
        kind: AreaKind::Perimeter,
        eo_category: EoCategory::ApMine,
        area_m2: ground().area_m2(&boundary),
        boundary,
        confidence: 0.8,
        tier: Some(Tier::Likely),
        threat,
        rationale: "Two <img src=x onerror=alert(1)> were seen.".into(),
        buffer_m: 5.0,
        link_m: 25.0,
        front_unknown: false,
        front_deg: None,
        rows: 0,
        fade_out_m: None,
        position_accuracy_m: 0.5,
        evidence: EvidenceKind::Indirect,
        assessed_share: 1.0,
        beyond_imagery_m2: 0.0,
        released_m2: 0.0,
        district: "North".into(),
        doctrine: DoctrineRef { name: "d".into(), version: "1".into(), digest: String::new() },
        features: features.iter().map(|id| FeatureId(*id)).collect(),
        external_evidence: vec![],
    }
}

/// Squares of 20 m: A0001 and A0002 share an edge, A0003 lies apart.
pub(crate) fn survey() -> Survey {
    let report = ExternalEvidence {
        id: ExternalEvidenceId(1),
        kind: ExternalEvidenceKind::Accident,
        geometry: Point::new(ORIGIN[0] + 10.0, ORIGIN[1] + 60.0).into(),
        eo_category: EoCategory::ApMine,
        reliability: Reliability { source: Some('B'), information: Some(2) },
        name: "report 7".into(),
        date: "2021-05-01".into(),
        bearing_deg: None,
        file: "accidents.csv".into(),
    };
    let gap = GapArea {
        boundary: square(0.0, 0.0, 5.0),
        area_m2: 25.0,
        orthomosaic: "flight".into(),
        model: "ordnance".into(),
        classes: vec!["pfm-1".into()],
        reason: GapReason::Vegetation,
        detail: String::new(),
    };
    Survey {
        hazard_areas: vec![
            area(1, square(0.0, 0.0, 20.0), Threat::Medium, &[1, 2]),
            area(2, square(20.0, 0.0, 20.0), Threat::High, &[3]),
            area(3, square(200.0, 100.0, 20.0), Threat::High, &[4]),
        ],
        features: vec![
            feature(1, 5.0, 10.0, 0.7),
            feature(2, 15.0, 10.0, 0.9),
            feature(3, 30.0, 10.0, 0.6),
            feature(4, 210.0, 110.0, 0.5),
        ],
        external_evidence: vec![report],
        gaps: vec![gap],
        ..Survey::new(ground())
    }
}

pub(crate) fn subject() -> Subject {
    ReviewedSurvey::subject(&survey(), "5e".repeat(32), ReviewStages::default()).unwrap()
}

pub(crate) fn setup(dir: &Path, reviewer: &str) -> Setup {
    Setup {
        dir: dir.to_owned(),
        survey: Arc::new(survey()),
        survey_sha256: "5e".repeat(32),
        imagery: Arc::new(NoImagery),
        without: Box::new(|area, left_out| {
            let left = area.features.iter().filter(|id| !left_out.contains(id)).count();
            Ok(if left == 0 { vec![] } else { vec![area.clone()] })
        }),
        class_sizes: HashMap::from([(("ordnance".into(), "pfm-1".into()), [0.06, 0.12])]),
        reviewer: Some(reviewer.into()),
    }
}

/// A review of the survey, decision by decision.
pub(crate) struct Case {
    pub(crate) subject: Subject,
    pub(crate) review: Review,
    pub(crate) events: Vec<ReviewEvent>,
    /// When the next one is made.
    pub(crate) now: &'static str,
}

impl Case {
    pub(crate) fn new() -> Self {
        let subject = subject();
        let review = Review::new(subject.stages.clone(), subject.areas.iter().cloned());
        Self { subject, review, events: vec![], now: "2026-11-28T10:00:00.000Z" }
    }

    pub(crate) fn act(&mut self, who: &str, stage: ReviewStage, decision: Decision, item: &str) {
        self.propose(who, stage, decision, item, |_| {});
    }

    pub(crate) fn propose(
        &mut self,
        who: &str,
        stage: ReviewStage,
        decision: Decision,
        item: &str,
        more: impl FnOnce(&mut Proposal),
    ) {
        let version = self.review.item(item).map_or(0, |item| item.version);
        let mut proposal = Proposal {
            id: format!("{who} {stage} {decision} {item} {}", self.events.len()),
            at_utc: self.now.into(),
            by: Reviewer { name: who.into(), ..Reviewer::default() },
            stage,
            decision,
            item: item.into(),
            version,
            reason: Reason::of(decision).first().copied(),
            comment: format!("{who} says so"),
            boundary: None,
            eo_category: None,
            others: vec![],
            parts: vec![],
            features: vec![],
            verdict: None,
            sampling: None,
            observation: None,
            detail: EventDetail::default(),
            seconds_open: Some(36.0),
        };
        more(&mut proposal);
        for event in self.review.decide(&proposal).unwrap() {
            self.review.apply(&event).unwrap();
            self.events.push(event);
        }
    }

    pub(crate) fn verdict(&mut self, feature: &str, item: &str, verdict: FeatureVerdict) {
        self.propose("Ana", Analyst, Decision::Verdict, item, |proposal| {
            proposal.features = vec![(feature.into(), item.into())];
            proposal.verdict = Some(verdict);
            proposal.reason = None;
        });
    }
}

pub(crate) fn wkb(boundary: &MultiPolygon) -> Arc<[u8]> {
    rams_overlay::to_wkb(boundary).unwrap().into()
}

/// A0001 is modified and goes through, of its finds one is seen and one not; A0002 is rejected and
/// goes through, too; A0003 is accepted and waits at nts.
pub(crate) fn three() -> Case {
    let mut case = Case::new();
    case.verdict("F000001", "A0001", FeatureVerdict::Seen);
    case.verdict("F000002", "A0001", FeatureVerdict::NotSeen);
    case.propose("Ana", Analyst, Decision::Modify, "A0001", |proposal| {
        proposal.boundary = Some(wkb(&square(0.0, 0.0, 30.0)));
    });
    case.act("Ana", Analyst, Decision::Reject, "A0002");
    case.act("Ana", Analyst, Decision::Accept, "A0003");
    case.act("Ben", Nts, Decision::Accept, "A0001");
    case.propose("Ben", Nts, Decision::Reject, "A0002", |proposal| {
        proposal.reason = Some(Reason::ManMadeObject);
    });
    for (who, stage) in [("Cem", Regional), ("Dan", Headquarters)] {
        case.act(who, stage, Decision::Pass, "A0001");
        case.act(who, stage, Decision::Pass, "A0002");
    }
    case
}
