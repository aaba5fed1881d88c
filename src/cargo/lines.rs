//! Output in pieces of any size, cut into lines.

/// Collects pieces until a line is whole.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pending: Vec<u8>,
    /// The last byte was `\r`: whether it ends a line or is drawn over next
    /// depends on what follows.
    returned: bool,
}

/// A whole line, without its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Ended by `\n`.
    Plain(String),
    /// Ended by a bare `\r`, so that the next text is drawn over it.
    Drawn(String),
}

impl Lines {
    /// Takes a piece and hands over the lines that it completes.
    pub(super) fn push(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Line)) {
        for &byte in bytes {
            if self.returned && byte != b'\n' && byte != b'\r' {
                sink(Line::Drawn(self.take()));
            }
            match byte {
                b'\n' => sink(Line::Plain(self.take())),
                b'\r' => self.returned = true,
                _ => self.pending.push(byte),
            }
        }
    }

    /// Hands over what is left at the end of the output.
    pub(super) fn finish(&mut self, sink: &mut dyn FnMut(Line)) {
        if self.returned {
            sink(Line::Drawn(self.take()));
        } else if !self.pending.is_empty() {
            sink(Line::Plain(self.take()));
        }
    }

    fn take(&mut self) -> String {
        self.returned = false;
        let line = String::from_utf8_lossy(&self.pending).into_owned();
        self.pending.clear();
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(pieces: &[&[u8]]) -> Vec<Line> {
        let (mut lines, mut all) = (Lines::default(), Vec::new());
        for piece in pieces {
            lines.push(piece, &mut |line| all.push(line));
        }
        lines.finish(&mut |line| all.push(line));
        all
    }

    #[test]
    fn lines_do_not_depend_on_the_pieces() {
        let text = "one\r\n  2/3: a\rtwo ä\n\r\nlast".as_bytes();
        let expected = [
            Line::Plain("one".into()),
            Line::Drawn("  2/3: a".into()),
            Line::Plain("two ä".into()),
            Line::Plain(String::new()),
            Line::Plain("last".into()),
        ];
        assert_eq!(cut(&[text]), expected);
        for at in 0..text.len() {
            assert_eq!(cut(&[&text[..at], &text[at..]]), expected, "cut at {at}");
        }
    }
}
