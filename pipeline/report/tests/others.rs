//! What the report says of what others know.

use super::fixture::full;
use super::{report, text};
use rams_domain::{EvidenceFileRecord, EvidenceKind, FileDigest, Survey};

fn given(survey: &mut Survey, path: &str, outcome: &str, kept_out: usize) {
    survey.record.evidence.push(EvidenceFileRecord {
        path: path.into(),
        outcome: Some(outcome.into()),
        kept_out,
        digest: FileDigest::Sha256("00".into()),
        is_limit: false,
    });
}

#[test]
fn evidence_that_was_kept_out_is_told_on_the_first_page_and_never_denied() {
    let mut survey = full();
    given(&mut survey, "far/swapped.csv", "3 rows: 2 accident; 1 over 10 km beyond, kept out", 1);
    given(&mut survey, "words.toml", EvidenceFileRecord::MAPPING, 0);
    let page = report(&survey);
    assert_eq!(
        text(&page, "#overview .kept-out"),
        "Evidence of others kept out: 1 row of swapped.csv, as too far from this survey \
         (section 5)."
    );
    let said = text(&page, "#other-evidence");
    assert!(said.contains("1 row of swapped.csv kept out."), "{said}");
    assert!(said.contains("1 over 10 km beyond, kept out") && !said.contains("words"), "{said}");

    survey.external_evidence.clear();
    let said = text(&report(&survey), "#other-evidence");
    assert!(
        said.contains("1 row of swapped.csv kept out.") && !said.contains("No other"),
        "{said}"
    );

    // A survey of which nobody counted them.
    survey.record.evidence[0].kept_out = 0;
    let said = text(&report(&survey), "#other-evidence");
    assert!(
        said.contains("Nothing in swapped.csv is used.") && !said.contains("No other"),
        "{said}"
    );
}

#[test]
fn evidence_is_called_what_it_is() {
    let mut survey = full();
    let [accident, record, seen, ..] = &mut survey.hazard_areas[..] else { panic!("four areas") };
    (accident.evidence, accident.features) = (EvidenceKind::Direct, vec![]);
    record.features.clear();
    assert_eq!(seen.features.len(), 2);
    let page = report(&survey);
    for (id, said) in [
        ("A0001", "direct, from others, not confirmed here; K0001 (section 5)"),
        ("A0002", "indirect: reported, not confirmed"),
        ("A0003", "indirect: imagery, not confirmed"),
    ] {
        let facts = text(&page, &format!("#{id} .facts"));
        assert!(facts.contains(&format!("Evidence{said}")), "{id}: {facts}");
    }
    let notice = text(&page, "#overview .notice");
    let said = "All areas are candidates: 1 on direct evidence from others, 3 on indirect evidence";
    assert!(notice.contains(said), "{notice}");
    survey.hazard_areas[0].evidence = EvidenceKind::Indirect;
    let notice = text(&report(&survey), "#overview .notice");
    assert!(notice.contains("All areas are candidates on indirect evidence;"), "{notice}");
}
