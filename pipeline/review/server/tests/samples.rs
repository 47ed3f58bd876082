//! Samples over HTTP: who may look, what they are told, and what it comes to.

use super::*;

impl Review {
    fn sample(&self, who: &str, path: &str, body: &Value) -> Answer {
        let key = format!("sample-{:05}", self.keys.fetch_add(1, Ordering::Relaxed));
        let request = self.request(who, "POST", path).header("idempotency-key", key);
        self.ask(request.body(Body::from(body.to_string())).unwrap())
    }
}

/// Ana rejected A0001, with another category before that, and accepted A0002 and A0003.
fn decided() -> Review {
    let review = review();
    for body in [
        json!({ "item": "A0001", "kind": "verdict", "feature": "F000001", "verdict": "not_seen" }),
        json!({ "item": "A0001", "kind": "reject", "reason": "natural_object" }),
        json!({ "item": "A0002", "kind": "modify", "eo_category": "CMR" }),
        json!({ "item": "A0003", "kind": "accept" }),
    ] {
        let mut body = body;
        body["stage"] = "analyst".into();
        assert_eq!(review.decide("Ana", &body).status, StatusCode::OK, "{body}");
    }
    review
}

#[test]
fn a_second_look_hides_the_first_until_all_are_answered() {
    let review = decided();
    let plan = json!({ "purpose": "second_look", "size": { "share_of_items": 1.0 }, "seed": 3 });
    let drawn = review.sample("Ana", "/samples", &plan);
    assert_eq!(drawn.status, StatusCode::OK, "{}", drawn.body);
    assert_eq!((&drawn.body["id"], &drawn.body["drawn"]["items"]), (&json!("S0001"), &json!(3)));
    let says = |who: &str, item: &str, says: &str| {
        let finding = json!({ "item": item, "finding": { "says": says } });
        review.sample(who, "/samples/S0001", &finding)
    };
    let own = says("Ana", "A0001", "accepted");
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    let said = "Ana acted on A0001: a person who did not must look at S0001";
    assert_eq!(own.body["error"], said);

    let seen = review.get("Ben", "/items/A0001?sample=S0001").body;
    assert_eq!((&seen["state"], &seen["disposition"]), (&json!("waiting"), &Value::Null));
    assert_eq!((&seen["history"], &seen["features"][1]["verdict"]), (&json!([]), &Value::Null));
    let drawn_as = review.get("Ben", "/items/A0002?sample=S0001").body["eo_category"].clone();
    assert_eq!(drawn_as, "AP_MINE", "not what the first person made of it");
    assert_eq!(review.get("Ana", "/items/A0002").body["eo_category"], "CMR");
    assert_eq!(review.get("Ben", "/items/A0002?sample=S0002").status, StatusCode::NOT_FOUND);

    let half = says("Ben", "A0001", "accepted");
    assert_eq!(half.status, StatusCode::OK, "{}", half.body);
    let text = half.body.to_string();
    for hidden in ["rejected", "\"said\"", "CMR"] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
    assert!(half.body["agreement"].is_null());
    let again = says("Cem", "A0001", "rejected");
    let said = "A0001 was looked at by Ben: that answer stands";
    assert_eq!(
        (again.status, &again.body["error"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!(said))
    );
    says("Ben", "A0002", "accepted");
    let whole = says("Cem", "A0003", "accepted").body;
    // Both accepted two, and only the second the first: chance alone agrees on as many.
    let agreement = json!({ "both_accepted": 2, "only_first_accepted": 0,
        "only_second_accepted": 1, "both_rejected": 0, "kappa": 0.0, "positive": 0.8,
        "negative": 0.0 });
    assert_eq!(whole["agreement"], agreement);
    let rows = whole["items"].as_array().unwrap();
    let first = rows.iter().find(|row| row["item"] == "A0001").unwrap();
    assert_eq!((&first["said"], &first["finding"]["who"]), (&json!("rejected"), &json!("Ben")));
    let day = review.get("Ana", "/progress").body;
    assert_eq!(day["samples"][0]["agreement"], agreement);
    assert_eq!(day["decisions"], json!({ "verdict": 1, "reject": 1, "modify": 1, "accept": 1 }));
    assert_eq!(review.get("Ana", "/log/verify").body["ok"], true);
    assert_eq!(stage_of(&review, "A0001"), "nts", "nothing moved");
}

#[test]
fn who_has_still_to_look_is_told_what_was_decided_nowhere_and_decides_nothing() {
    let review = decided();
    review.knows("Vera", "viewer");
    review.is_here("Vera");
    let plan = json!({ "purpose": "second_look", "size": { "share_of_items": 1.0 }, "seed": 3 });
    assert_eq!(review.sample("Ana", "/samples", &plan).status, StatusCode::OK);
    let told = |who: &str| {
        let text = |path: &str| review.get(who, path).body.to_string();
        let window = "/features?bbox=-1000,-1000,1000,1000&res=0.1";
        let pages = [text("/items/A0001"), text("/log?after=0"), text(window)];
        pages.map(|page| page.contains("rejected") || page.contains("natural_object"))
    };
    let waiting = |who: &str| {
        let queue = review.get(who, "/queue?stage=nts").body;
        let mut ids: Vec<String> = queue["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["id"].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    };
    // Ana said so, and a viewer is asked nothing.
    assert_eq!((told("Ana"), told("Vera")), ([true; 3], [true; 3]));
    assert_eq!((told("Ben"), waiting("Ben")), ([false; 3], vec![]));
    let seen = review.get("Ben", "/items/A0001").body;
    assert_eq!((&seen["second_look"], &seen["state"]), (&json!("S0001"), &json!("waiting")));
    let log = review.get("Ben", "/log?after=0").body;
    let (first, whole) = (&log["events"][0], review.get("Ana", "/log?after=0").body);
    assert_eq!(first["hash"], whole["events"][0]["hash"], "the chain can be followed");
    for body in [
        json!({ "item": "A0001", "kind": "reject", "reason": "natural_object", "stage": "nts" }),
        json!({ "item": "A0003", "kind": "comment", "comment": "?", "stage": "nts" }),
        json!({ "item": "A0002", "kind": "verdict", "feature": "F000003", "verdict": "seen",
            "stage": "nts" }),
    ] {
        let refused = review.decide("Ben", &body);
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
        let error = refused.body["error"].as_str().unwrap();
        assert!(error.starts_with("S0001 asks Ben what A000"), "{error}");
        let older = review.decide_with("Ben", &body, 0, "key-of-an-old-version");
        assert!(!older.body.to_string().contains("disposition\":\"rejected"), "{}", older.body);
    }
    let look = json!({ "item": "A0001", "finding": { "says": "accepted" } });
    assert_eq!(review.sample("Ben", "/samples/S0001", &look).status, StatusCode::OK);
    // What is answered stands: nobody is asked again.
    assert_eq!((waiting("Ben"), waiting("Cem")), (vec!["A0001".into()], vec!["A0001".to_owned()]));
    assert_eq!(review.get("Ben", "/items/A0001").body["disposition"], "rejected");
    let reject =
        json!({ "item": "A0001", "kind": "reject", "reason": "natural_object", "stage": "nts" });
    assert_eq!(review.decide("Ben", &reject).status, StatusCode::OK);
    assert_eq!(review.get("Ana", "/log/verify").body["ok"], true);
}

fn stage_of(review: &Review, item: &str) -> String {
    review.get("Dan", &format!("/items/{item}")).body["stage"].as_str().unwrap().to_owned()
}

#[test]
fn an_inspector_who_decided_nothing_of_a_sample_says_what_does_not_conform() {
    let review = decided();
    let accept = json!({ "item": "A0003", "kind": "accept", "stage": "nts" });
    assert_eq!(review.decide("Ben", &accept).status, StatusCode::OK);
    let plan = |more: Value| {
        let mut plan = json!({ "purpose": "quality_control", "size": { "items": 3 }, "seed": 1,
            "acceptance": { "ac": 0, "re": 1 } });
        plan.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        review.sample("Cem", "/samples", &plan)
    };
    for (more, said) in [
        (json!({ "size": { "items": 0 } }), "items is 0: give 1 or more"),
        (json!({ "size": { "share_of_area": 1.5 } }), "the share is 1.5: give one above 0 to 1"),
        (json!({ "acceptance": { "ac": 2, "re": 2 } }), "ac is 2 and re is 2: give an re above ac"),
        (
            json!({ "reached": "verified" }),
            "nothing that is decided has reached verified: draw when something has",
        ),
    ] {
        let refused = plan(more);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.body["error"], said);
    }
    let later = plan(json!({ "reached": "regional" })).body;
    assert_eq!((&later["lot"]["items"], &later["items"][0]["item"]), (&json!(1), &json!("A0003")));
    let drawn = plan(json!({})).body;
    assert_eq!((&drawn["id"], &drawn["lot"]["items"]), (&json!("S0002"), &json!(3)));
    let look = |who: &str, item: &str, finding: Value, comment: &str| {
        let body = json!({ "item": item, "finding": finding, "comment": comment });
        review.sample(who, "/samples/S0002", &body)
    };
    let bad =
        json!({ "nonconforming": { "nonconformity": "wrong_rejection", "severity": "critical" } });
    let other = look("Ben", "A0001", json!("conform"), "");
    assert_eq!(other.status, StatusCode::FORBIDDEN, "Ben decided on A0003 of the same sample");
    assert_eq!(look("Cem", "A0001", bad.clone(), " ").status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(look("Cem", "A0001", bad, "a PFM-1").status, StatusCode::OK);
    look("Cem", "A0002", json!("conform"), "");
    let whole = look("Dan", "A0003", json!("conform"), "").body;
    assert_eq!(whole["nonconforming"], json!({ "critical": 1 }));
    assert_eq!(
        (&whole["at_most"], &whole["verdict"]),
        (&json!(1.0 / 3.0), &json!("not_acceptable"))
    );
    let corrected = review.sample("Cem", "/samples/S0002", &json!({ "comment": "reopened" })).body;
    let row = |item: &str| {
        let rows = corrected["items"].as_array().unwrap().iter();
        rows.clone().find(|row| row["item"] == item).unwrap()["correction"].clone()
    };
    assert_eq!((&row("A0001")["comment"], &row("A0002")), (&json!("reopened"), &Value::Null));
    assert_eq!(corrected["corrected"], 1);
    assert_eq!(review.get("Ana", "/log/verify").body["ok"], true);
    assert_eq!(review.get("Ana", "/samples").body["samples"].as_array().unwrap().len(), 2);
    assert_eq!(review.get("Ana", "/samples/S0009").status, StatusCode::NOT_FOUND);
    let direct = json!({ "item": "A0001", "kind": "sample", "stage": "nts" });
    assert_eq!(review.decide("Cem", &direct).status, StatusCode::UNPROCESSABLE_ENTITY);
}
