//! A journal that was cut off or damaged anywhere holds the records before that place, and goes on.

use crate::{JOURNAL_FILE, Journal, SURVEY_FILE, StoreError};
use std::{fs, path::Path};

/// A head and records of many lengths, an empty one among them.
fn records() -> Vec<Vec<u8>> {
    [4, 0, 1, 300, 40]
        .map(|length| (0..length).map(|at| at as u8 ^ length as u8).collect())
        .to_vec()
}

fn read(journal: &mut Journal) -> Result<(Vec<Vec<u8>>, u64), StoreError> {
    let mut found = vec![];
    let lost = journal.resume(|record| {
        found.push(record);
        Ok::<_, StoreError>(())
    })?;
    Ok((found, lost))
}

/// Writes a journal and returns its bytes.
fn written(dir: &Path) -> Vec<u8> {
    let mut journal = Journal::claim(dir, false).unwrap();
    assert_eq!(read(&mut journal).unwrap(), (vec![], 0));
    let (head, rest) = (&records()[0], &records()[1..]);
    journal.begin(head).unwrap();
    rest.iter().for_each(|record| journal.append(record).unwrap());
    drop(journal);
    fs::read(dir.join(JOURNAL_FILE)).unwrap()
}

/// Reads a journal of such bytes, adds a record, reads it again.
fn resumed(dir: &Path, bytes: &[u8]) -> Vec<Vec<u8>> {
    fs::write(dir.join(JOURNAL_FILE), bytes).unwrap();
    let mut journal = Journal::claim(dir, false).unwrap();
    let (found, lost) = read(&mut journal).unwrap();
    let kept = if found.is_empty() {
        0
    } else {
        22 + found.iter().map(|record| 8 + record.len()).sum::<usize>()
    };
    assert_eq!(lost as usize, bytes.len() - kept);
    if found.is_empty() {
        journal.begin(b"head").unwrap();
    } else {
        journal.append(b"more").unwrap();
    }
    drop(journal);
    let (again, lost) = read(&mut Journal::claim(dir, false).unwrap()).unwrap();
    assert_eq!(lost, 0);
    assert_eq!(again[..again.len() - 1], found);
    found
}

#[test]
fn a_torn_tail_costs_the_torn_record_alone() {
    let dir = tempfile::tempdir().unwrap();
    let whole = written(dir.path());
    assert_eq!(resumed(dir.path(), &whole), records());
    let ends: Vec<usize> = records()
        .iter()
        .scan(22, |end, record| {
            *end += 8 + record.len();
            Some(*end)
        })
        .collect();
    for length in 0..whole.len() {
        let count = ends.iter().filter(|end| **end <= length).count();
        assert_eq!(
            resumed(dir.path(), &whole[..length]),
            records()[..count],
            "cut off at {length}"
        );
        // As a power loss may leave it: the length is there, the bytes are not.
        let zeros = [&whole[..length], &vec![0; whole.len() + 100 - length]].concat();
        assert_eq!(resumed(dir.path(), &zeros).len(), count, "zeros from {length}");
    }
}

#[test]
fn a_flipped_byte_costs_the_records_from_there_on() {
    let dir = tempfile::tempdir().unwrap();
    let whole = written(dir.path());
    for at in 22..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        let found = resumed(dir.path(), &bytes);
        assert!(
            found.len() < records().len() && found[..] == records()[..found.len()],
            "flipped at {at}"
        );
    }
    fs::write(dir.path().join(JOURNAL_FILE), [b"rams survey journal 9\n", &whole[22..]].concat())
        .unwrap();
    let before = fs::read(dir.path().join(JOURNAL_FILE)).unwrap();
    let error = read(&mut Journal::claim(dir.path(), false).unwrap()).unwrap_err().to_string();
    assert!(error.contains("not written by this version"), "{error}");
    assert_eq!(fs::read(dir.path().join(JOURNAL_FILE)).unwrap(), before);
}

#[test]
fn a_folder_is_for_one_survey_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let first = Journal::claim(dir.path(), false).unwrap();
    let error = Journal::claim(dir.path(), true).unwrap_err().to_string();
    assert!(error.contains("another process is at it"), "{error}");
    drop(first);
    assert_eq!(super::files(dir.path()), [""; 0], "a survey that did nothing leaves nothing");
    fs::create_dir(dir.path().join(".survey.gpkg.77-0.partial")).unwrap();
    let mut journal = Journal::claim(dir.path(), false).unwrap();
    journal.begin(b"head").unwrap();
    assert_eq!(super::files(dir.path()), [JOURNAL_FILE], "what a killed process left is gone");
    journal.remove().unwrap();
    assert_eq!(super::files(dir.path()), [""; 0]);
}

#[test]
fn a_finished_survey_is_kept_and_a_partial_one_replaced() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(SURVEY_FILE), "finished").unwrap();
    let refused = |result: Result<_, StoreError>| matches!(result, Err(StoreError::Exists { .. }));
    assert!(refused(Journal::claim(dir.path(), false).map(drop)));
    // A process that was to replace it, and was killed before it had begun.
    fs::write(dir.path().join(JOURNAL_FILE), "").unwrap();
    assert!(refused(read(&mut Journal::claim(dir.path(), false).unwrap()).map(drop)));
    let mut journal = Journal::claim(dir.path(), true).unwrap();
    assert!(read(&mut journal).unwrap().0.is_empty());
    journal.begin(b"head").unwrap();
    drop(journal);
    assert_eq!(read(&mut Journal::claim(dir.path(), false).unwrap()).unwrap().0, [b"head"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_named() {
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/full", dir.path().join(JOURNAL_FILE)).unwrap();
    let error = Journal::claim(dir.path(), false).unwrap().begin(b"head").unwrap_err().to_string();
    assert!(error.contains(JOURNAL_FILE) && error.contains("No space left"), "{error}");
    assert!(error.contains("free some space and run it again"), "{error}");
}
