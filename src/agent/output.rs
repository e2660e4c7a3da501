//! What a command prints, kept from both ends.
//!
//! The beginning tells what was run and the end how it went; what lies between is counted and
//! left out, so that a check that prints for ever fills neither memory nor the record. Every
//! line is handed on as it comes, the ones left out too.

use std::collections::VecDeque;

/// How much is kept from each end, in bytes.
pub const KEPT: usize = 32 * 1024;

/// Longest part of a line that is handed on, in bytes.
const LINE: usize = 4 * 1024;

/// Output as it arrives.
#[derive(Debug, Default)]
pub struct Output {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    total: u64,
    line: Vec<u8>,
}

impl Output {
    /// Takes what arrived; `heard` gets each line that it completes, without its line break.
    pub fn take(&mut self, bytes: &[u8], heard: &mut dyn FnMut(&str)) {
        self.total += bytes.len() as u64;
        let (first, rest) = bytes.split_at(bytes.len().min(KEPT - self.head.len()));
        self.head.extend_from_slice(first);
        // Of more than fits only the end can stay.
        let rest = &rest[rest.len().saturating_sub(KEPT)..];
        let surplus = (self.tail.len() + rest.len()).saturating_sub(KEPT);
        self.tail.drain(..surplus);
        self.tail.extend(rest);
        self.speak(bytes, heard);
    }

    fn speak(&mut self, bytes: &[u8], heard: &mut dyn FnMut(&str)) {
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|&b| b == b'\n') {
            self.keep_of_line(&rest[..at]);
            self.end_line(heard);
            rest = &rest[at + 1..];
        }
        self.keep_of_line(rest);
    }

    fn keep_of_line(&mut self, part: &[u8]) {
        let room = LINE.saturating_sub(self.line.len());
        self.line.extend_from_slice(&part[..part.len().min(room)]);
    }

    fn end_line(&mut self, heard: &mut dyn FnMut(&str)) {
        heard(&String::from_utf8_lossy(&self.line));
        self.line.clear();
    }

    /// What is kept, with a line in the middle that says how much is not. `heard` gets the last
    /// line when no line break ended it.
    pub fn end(mut self, heard: &mut dyn FnMut(&str)) -> Vec<u8> {
        if !self.line.is_empty() {
            self.end_line(heard);
        }
        let left_out = self.total - (self.head.len() + self.tail.len()) as u64;
        let mut kept = self.head;
        if left_out > 0 {
            if kept.last() != Some(&b'\n') {
                kept.push(b'\n');
            }
            kept.extend_from_slice(
                format!("[git-orch left out {left_out} bytes here]\n").as_bytes(),
            );
        }
        kept.extend(self.tail);
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is kept of `chunks`, and the lines that were heard.
    fn kept(chunks: &[&[u8]]) -> (Vec<u8>, Vec<String>) {
        let mut output = Output::default();
        let mut lines = Vec::new();
        let mut heard = |line: &str| lines.push(line.to_owned());
        for chunk in chunks {
            output.take(chunk, &mut heard);
        }
        let bytes = output.end(&mut heard);
        (bytes, lines)
    }

    #[test]
    fn short_output_is_kept_as_it_is_and_heard_line_by_line() {
        let (bytes, lines) = kept(&[b"one\ntw", b"o\n\nthree"]);
        assert_eq!(bytes, b"one\ntwo\n\nthree");
        assert_eq!(lines, ["one", "two", "", "three"]);
    }

    #[test]
    fn exactly_two_ends_fit_and_one_byte_more_is_counted() {
        let full = vec![b'x'; 2 * KEPT];
        assert_eq!(kept(&[&full]).0, full);
        let over = kept(&[&full, b"y"]).0;
        let note = b"\n[git-orch left out 1 bytes here]\n";
        assert_eq!(over.len(), 2 * KEPT + note.len());
        assert_eq!(over[KEPT..KEPT + note.len()], *note);
        assert!(over.ends_with(b"xxy"));
    }

    #[test]
    fn the_end_survives_whatever_the_size_of_the_chunks() {
        let lines: Vec<String> = (0..50_000).map(|n| format!("line {n}\n")).collect();
        let whole = lines.concat().into_bytes();
        for size in [1_000, KEPT - 1, KEPT * 5] {
            let chunks: Vec<&[u8]> = whole.chunks(size).collect();
            let (bytes, heard) = kept(&chunks);
            assert!(bytes.starts_with(&whole[..KEPT]), "{size}");
            assert!(bytes.ends_with(&whole[whole.len() - KEPT..]), "{size}");
            assert_eq!(heard.len(), 50_000, "{size}");
            let left_out = whole.len() - 2 * KEPT;
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.contains(&format!("left out {left_out} bytes")), "{size}");
        }
    }

    #[test]
    fn a_line_without_end_is_handed_on_cut() {
        let (_, lines) = kept(&[&vec![b'z'; 3 * LINE]]);
        assert_eq!(lines, ["z".repeat(LINE)]);
    }
}
