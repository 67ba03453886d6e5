//! `n` steps of five bodies that attract each other, in `f64`.

#![no_std]
#![no_main]
#![feature(core_float_math)]

use wasmote_kernels::mix;

#[derive(Clone, Copy)]
struct Body {
    position: [f64; 3],
    velocity: [f64; 3],
    mass: f64,
}

const SOLAR_MASS: f64 = 39.478_417_604_357_43;
const DAYS: f64 = 365.24;

const fn body(position: [f64; 3], v: [f64; 3], mass: f64) -> Body {
    Body { position, velocity: [v[0] * DAYS, v[1] * DAYS, v[2] * DAYS], mass: mass * SOLAR_MASS }
}

const BODIES: [Body; 5] = [
    body([0.0; 3], [0.0; 3], 1.0),
    body(
        [4.841_431_442_464_72, -1.160_320_044_027_428_4, -0.103_622_044_471_123_11],
        [0.001_660_076_642_744_037, 0.007_699_011_184_197_404, -0.000_069_046_001_697_206_3],
        0.000_954_791_938_424_326_6,
    ),
    body(
        [8.343_366_718_244_58, 4.124_798_564_124_305, -0.403_523_417_114_321_4],
        [-0.002_767_425_107_268_624, 0.004_998_528_012_349_172, 0.000_023_041_729_757_376_393],
        0.000_285_885_980_666_130_8,
    ),
    body(
        [12.894_369_562_139_131, -15.111_151_401_698_631, -0.223_307_578_892_655_73],
        [0.002_964_601_375_647_616, 0.002_378_471_739_594_809_5, -0.000_029_658_956_854_023_756],
        0.000_043_662_440_433_515_63,
    ),
    body(
        [15.379_697_114_850_917, -25.919_314_609_987_964, 0.179_258_772_950_371_18],
        [0.002_680_677_724_903_893_2, 0.001_628_241_700_382_423, -0.000_095_159_225_451_971_59],
        0.000_051_513_890_204_661_145,
    ),
];

/// The square root; the instruction of WebAssembly, which `core` does not offer as a function.
fn sqrt(x: f64) -> f64 {
    core::f64::math::sqrt(x)
}

fn advance(bodies: &mut [Body; 5], dt: f64) {
    for i in 0..bodies.len() {
        let (head, tail) = bodies.split_at_mut(i + 1);
        let one = &mut head[i];
        for other in tail {
            let mut delta = [0.0; 3];
            let mut square = 0.0;
            for axis in 0..3 {
                delta[axis] = one.position[axis] - other.position[axis];
                square += delta[axis] * delta[axis];
            }
            let magnitude = dt / (square * sqrt(square));
            for axis in 0..3 {
                one.velocity[axis] -= delta[axis] * other.mass * magnitude;
                other.velocity[axis] += delta[axis] * one.mass * magnitude;
            }
        }
    }
    for body in bodies {
        for axis in 0..3 {
            body.position[axis] += dt * body.velocity[axis];
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i64 {
    let mut bodies = BODIES;
    for _ in 0..n {
        advance(&mut bodies, 0.01);
    }
    let mut sum = 0;
    for body in &bodies {
        for axis in 0..3 {
            sum = mix(sum, body.position[axis].to_bits());
            sum = mix(sum, body.velocity[axis].to_bits());
        }
    }
    sum as i64
}
