//! Which pairs of ops would save the most dispatches if each were one op.

use std::collections::HashMap;

use crate::profile::{Names, Profile};

/// A pair of ops to make one of.
pub(crate) struct Fusion {
    /// The pair
    pub(crate) ops: [u32; 2],
    /// The part of its ops that each profile saves
    pub(crate) shares: Vec<f64>,
}

/// The straight lines of a profile, as far as ops were fused.
struct Lines {
    lines: Vec<(Vec<u32>, Vec<u64>)>,
    /// How many ops there are without any fusion
    total: f64,
}

/// Chooses so many pairs, always the one that saves the most when those before are fused already; what was fused can
/// be part of the next one. A conditional branch can only be the second op of a pair.
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
        // Ties are broken, so that the list is always the same.
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

    /// Makes one op of a pair wherever it stands; gives the part of all ops that this saves.
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

/// Calls `each` with where the pairs begin; of three equal ops, two are one.
pub(crate) fn each_pair(line: &[u32], mut each: impl FnMut(usize)) {
    let mut equal_before = false;
    for (at, pair) in line.windows(2).enumerate() {
        equal_before = pair[0] == pair[1] && !equal_before;
        if pair[0] != pair[1] || equal_before {
            each(at);
        }
    }
}
