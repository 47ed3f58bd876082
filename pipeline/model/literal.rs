//! The lists of names that exporters leave in a file, as JSON or as Python prints them.

/// Names by number, in their order: `{0: 'mine', 1: "d'ou"}`, `{"0": "mine"}` or `['mine']`. `None`
/// for anything else, and where the numbers are not 0, 1, 2 and so on.
pub(crate) fn names(text: &str) -> Option<Vec<String>> {
    // Deepness lists the names of each output; of one output they may lie in a list of one.
    let alone =
        text.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).map(str::trim);
    if let Some(alone) = alone.filter(|alone| alone.starts_with('{')) {
        return names(alone);
    }
    let (inside, is_map) =
        match text.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(inside) => (inside, true),
            None => (text.trim().strip_prefix('[')?.strip_suffix(']')?, false),
        };
    let words = words(inside)?;
    if !is_map {
        return Some(words);
    }
    let mut numbered: Vec<(usize, &String)> = words
        .chunks_exact(2)
        .map(|pair| Some((pair[0].parse().ok()?, &pair[1])))
        .collect::<Option<_>>()?;
    numbered.sort();
    let is_whole = words.len().is_multiple_of(2)
        && numbered.iter().enumerate().all(|(at, (number, _))| at == *number);
    is_whole.then(|| numbered.into_iter().map(|(_, name)| name.clone()).collect())
}

/// Quoted texts and bare numbers between `,` and `:`.
fn words(text: &str) -> Option<Vec<String>> {
    let (mut words, mut rest) = (vec![], text.trim_start());
    while let Some(first) = rest.chars().next() {
        let word = match first {
            '\'' | '"' => {
                let (word, after) = quoted(&rest[1..], first)?;
                rest = after;
                word
            }
            _ => {
                let end = rest.find([',', ':']).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                rest = after;
                word.trim().to_owned()
            }
        };
        words.push(word);
        rest = rest.trim_start();
        if let Some(first) = rest.chars().next() {
            rest = [',', ':'].contains(&first).then(|| rest[1..].trim_start())?;
        }
    }
    Some(words)
}

/// A text up to its closing quote, and what follows it.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut word = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => match letters.next()?.1 {
                'n' => word.push('\n'),
                't' => word.push('\t'),
                'u' => {
                    let code: String = letters.by_ref().take(4).map(|(_, digit)| digit).collect();
                    word.push(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32)?);
                }
                other => word.push(other),
            },
            _ if letter == quote => return Some((word, &text[at + quote.len_utf8()..])),
            _ => word.push(letter),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn names_as_json_and_as_python_prints_them() {
        let found = |text| names(text).map(|names| names.join("|"));
        assert_eq!(found("{0: 'mine', 1: \"d'ou\"}").as_deref(), Some("mine|d'ou"));
        assert_eq!(found(r#"{"1": "b: c, d", "0": "\u00e4"}"#).as_deref(), Some("ä|b: c, d"));
        assert_eq!(found("['a', 'b']").as_deref(), Some("a|b"));
        assert_eq!(found("[{0: 'a', 1: 'b'}]").as_deref(), Some("a|b"));
        assert_eq!(found("[{0: 'a'}, {0: 'b'}]"), None);
        assert_eq!(found("{}").as_deref(), Some(""));
        for broken in
            ["", "{0: 'a', 2: 'b'}", "{0: 'a'", "{0: 'a', 1}", "{0 'a'}", "{0: 'a}", "mine"]
        {
            assert_eq!(found(broken), None, "{broken}");
        }
    }
}
