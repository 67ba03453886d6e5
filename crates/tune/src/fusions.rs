//! Which pairs of ops would save the most dispatches if each were one op.

use std::collections::HashMap;

use crate::profile::{Names, Profile};

/// A pair of ops that could become one op.
pub(crate) struct Fusion {
    pub(crate) ops: [u32; 2],
    /// The share of its ops that each profile saves
    pub(crate) shares: Vec<f64>,
}

/// The straight lines of a profile, with the pairs chosen so far fused.
struct Lines {
    lines: Vec<(Vec<u32>, Vec<u64>)>,
    /// The number of ops without any fusion
    total: f64,
}

/// Chooses up to `count` pairs, one after the other: always the pair that saves the most once the pairs before it are
/// fused. A fused pair can be part of a later one. A conditional branch can only be the second op of a pair.
pub(crate) fn choose(profiles: &[Profile], names: &mut Names, count: usize) -> Vec<Fusion> {
    let mut programs: Vec<_> = profiles.iter().map(Lines::of).collect();
    let mut chosen = Vec::new();
    for _ in 0..count {
        let mut pairs = HashMap::<[u32; 2], f64>::new();
        for Lines { lines, total } in &programs {
            for (line, counts) in lines {
                each_pair(line, |at| {
                    *pairs.entry([line[at], line[at + 1]]).or_default() += counts[at + 1] as f64 / total;
                });
            }
        }
        let pairs = pairs.into_iter().filter(|([first, _], saved)| *saved > 0.0 && !names.name(*first).contains("br_"));
        // Ties are broken by number, so that the result is always the same.
        let Some((ops, _)) = pairs.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))) else { break };
        let name = format!("({} {})", names.name(ops[0]), names.name(ops[1]));
        let fused = names.exactly(&name);
        let shares = programs.iter_mut().map(|program| program.fuse(ops, fused)).collect();
        chosen.push(Fusion { ops, shares });
    }
    chosen
}

impl Lines {
    fn of(profile: &Profile) -> Self {
        let mut lines: Vec<_> = profile.lines.iter().map(|(line, counts)| (line.to_vec(), counts.to_vec())).collect();
        // Sums of floats depend on their order.
        lines.sort_unstable();
        Self { lines, total: (profile.count() as f64).max(1.0) }
    }

    /// Replaces a pair by one op everywhere. Returns the share of all ops that this saves.
    fn fuse(&mut self, pair: [u32; 2], fused: u32) -> f64 {
        let mut saved = 0;
        let mut places = Vec::new();
        for (line, counts) in &mut self.lines {
            places.clear();
            each_pair(line, |at| {
                if line[at..at + 2] == pair {
                    places.push(at);
                }
            });
            for &at in places.iter().rev() {
                line[at] = fused;
                line.remove(at + 1);
                saved += counts.remove(at + 1);
            }
        }
        saved as f64 / self.total
    }
}

/// Calls `each` with the position of each pair. In a run of equal ops, pairs do not overlap.
pub(crate) fn each_pair(line: &[u32], mut each: impl FnMut(usize)) {
    let mut equal_before = false;
    for (at, pair) in line.windows(2).enumerate() {
        equal_before = pair[0] == pair[1] && !equal_before;
        if pair[0] != pair[1] || equal_before {
            each(at);
        }
    }
}
