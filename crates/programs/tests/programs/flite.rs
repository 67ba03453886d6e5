//! Flite: 20 MB of data segments, and floats that become sound.

use wasmote::{CompilationMode, Module};
use wasmote_programs::{Outcome, catalog, engine, run, sha256, unless_offline};
use wasmote_wasi::{MemoryFileSystem, WasiCtxBuilder};

/// Runs Flite on a directory `/w`; none if there is no network.
fn flite(args: &[&str]) -> Option<(Outcome, MemoryFileSystem)> {
    let bytes = unless_offline(catalog::FLITE.bytes())?;
    let module = Module::new(&engine(CompilationMode::LazyTranslation), bytes).unwrap();
    let files = MemoryFileSystem::new();
    files.write("fox.txt", "The quick brown fox. It jumps!\n").unwrap();
    let mut ctx = WasiCtxBuilder::new();
    ctx.arg("flite").args(args.iter().copied()).preopened_memory(&files, "/w");
    Some((run(&module, &mut ctx).unwrap(), files))
}

#[track_caller]
fn prints(args: &[&str], expected: &str) {
    let Some((outcome, _)) = flite(args) else { return };
    assert_eq!(outcome.parts(), (0, expected.into(), String::new()));
}

#[test]
fn prints_its_help() {
    let Some((outcome, _)) = flite(&["--help"]) else { return };
    assert_eq!((outcome.status, outcome.stdout.len(), outcome.stderr_text().as_str()), (0, 1613, ""));
    assert_eq!(sha256(&outcome.stdout), "6b0ce9a7603b2ac9575d71214b5582960d023e3a70ab5ff965d2d33b61e848ee");
}

#[test]
fn lists_its_voices() {
    prints(&["-lv"], "Voices available: kal awb_time kal16 awb rms slt \n");
}

#[test]
fn reports_a_file_that_is_missing() {
    let Some((outcome, _)) = flite(&["-f", "/w/none.txt", "none"]) else { return };
    let message = "failed to open file \"/w/none.txt\" for reading\n";
    assert_eq!(outcome.parts(), (0, String::new(), message.into()));
}

#[test]
#[ignore = "large"]
fn finds_words_and_sounds() {
    let text = "Doctor Smith paid $3.50 on 2 May 1999.";
    let words = "doctor smith paid three dollars fifty cents on second may nineteen ninety nine \n";
    let sounds = "pau d aa k t er s m ih th p ey d th r iy d aa l er z f ih f t iy s eh n t s aa n s eh k ax n d m ey \
                  n ay n t iy n n ay n t iy n ay n pau \n";
    prints(&["-pw", "-t", text, "none"], words);
    prints(&["-ps", "-t", text, "none"], sounds);
    prints(
        &["-ps", "-f", "/w/fox.txt", "none"],
        "pau dh ax k w ih k b r aw n f aa k s pau \npau ih t jh aa m p s pau \n",
    );
}

/// Voices of three kinds: diphones, statistics, recorded phrases.
#[test]
#[ignore = "large"]
fn speaks_with_every_voice() {
    for (voice, text, len, checksum) in [
        ("kal", "hello world", 17246, "be03e782ebccd3db26bd8cea03a9f3fa85c47c52bea65d9953dfd057c72b6f46"),
        ("kal16", "hello world", 34450, "e4afb2dc0b7611099d4d446b53fbd215f0622575e9ec01add0109a8c624b506b"),
        ("awb", "hello world", 31244, "3523d7266ed04273b7bd3f2b0b21323d0ff684a911b0844f5b97a37857222bac"),
        ("rms", "hello world", 37004, "13a0fba79e93167df6a5d07ac733e4f02665a2a38d297d068d67b5fc3ceca89d"),
        ("slt", "hello world", 39564, "1c25a4710e9f54ed8dbfe3376d476ee9ab720e80008bd48be57890d1f6ad5849"),
        ("awb_time", "twelve", 29432, "69c24486b5817756dcebf0b99a078de764a4372b294fb0483cad56ac00f4043c"),
    ] {
        let Some((outcome, files)) = flite(&["-voice", voice, "-t", text, "-o", "/w/out.wav"]) else { return };
        assert_eq!(outcome.parts(), (0, String::new(), String::new()), "{voice}");
        let sound = files.read("out.wav").unwrap();
        assert_eq!((sound.len(), sha256(&sound).as_str()), (len, checksum), "{voice}");
    }
}
