//! Signatures and verifiable random functions over Curve25519.
//!
//! Every function returns 1 for yes, 0 for no. What is malformed (a key or a signature that is no
//! encoding) is a no, never an error of its own; a caught panic is a no as well.
use ed25519_zebra::{batch, Signature as EdSignature, SigningKey, VerificationKey, VerificationKeyBytes};
use merlin::Transcript;
use rand_core::{impls, CryptoRng, Error, OsRng, RngCore};
use schnorrkel::context::{attach_rng, signing_context};
use schnorrkel::derive::{ChainCode, Derivation};
use schnorrkel::vrf::{VRFInOut, VRFPreOut, VRFProof};
use schnorrkel::{ExpansionMode, Keypair, MiniSecretKey, PublicKey, SecretKey, Signature};
use std::collections::BTreeSet;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Mutex;
use zeroize::Zeroize;

const CONTEXT: &[u8] = b"substrate";
const LABELS_MAX: usize = 64;
const LABEL_BYTES_MAX: usize = 64;

#[repr(C)]
pub struct StippleBridgeClaim {
    signature: *const u8,
    public: *const u8,
    message: *const u8,
    message_size: usize,
}

#[repr(C)]
pub struct StippleBridgeItem {
    label: *const u8,
    label_size: usize,
    data: *const u8,
    data_size: usize,
}

/// A merlin transcript: its label and the items appended to it.
#[repr(C)]
pub struct StippleBridgeTranscript {
    label: *const u8,
    label_size: usize,
    items: *const StippleBridgeItem,
    item_count: usize,
}

fn verdict(work: impl FnOnce() -> Option<()>) -> u8 {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Some(())) => 1,
        _ => 0,
    }
}

fn made<T>(work: impl FnOnce() -> Option<Box<T>>) -> *mut T {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Some(boxed)) => Box::into_raw(boxed),
        _ => std::ptr::null_mut(),
    }
}

/// SAFETY: `boxed` came from `made` and is used no more, or is null.
unsafe fn forget<T>(boxed: *mut T) {
    if !boxed.is_null() {
        drop(Box::from_raw(boxed));
    }
}

/// SAFETY: `data` holds `size` readable elements for the length of the call (the header's contract).
unsafe fn input<'a, T>(data: *const T, size: usize) -> &'a [T] {
    if size == 0 {
        &[]
    } else {
        std::slice::from_raw_parts(data, size)
    }
}

/// SAFETY: `data` holds N readable bytes (the header's contract).
unsafe fn fixed<const N: usize>(data: *const u8) -> [u8; N] {
    data.cast::<[u8; N]>().read()
}

/// SAFETY: `out` takes N bytes (the header's contract).
unsafe fn give<const N: usize>(out: *mut u8, bytes: &[u8; N]) {
    out.copy_from_nonoverlapping(bytes.as_ptr(), N)
}

#[no_mangle]
pub extern "C" fn stipple_bridge_random(out: *mut u8, size: usize) -> u8 {
    verdict(|| {
        // SAFETY: the header requires `size` writable bytes.
        let bytes = unsafe { std::slice::from_raw_parts_mut(out, size) };
        OsRng.try_fill_bytes(bytes).ok()
    })
}

// ed25519 ---------------------------------------------------------------------------------------

/// Operating-system randomness fetched in blocks: a batch wants sixteen bytes for each signature.
struct BufferedOsRng {
    bytes: [u8; 256],
    used: usize,
}

impl BufferedOsRng {
    fn new() -> Self {
        Self { bytes: [0; 256], used: 256 }
    }
}

impl RngCore for BufferedOsRng {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }
    fn next_u64(&mut self) -> u64 {
        impls::next_u64_via_fill(self)
    }
    fn fill_bytes(&mut self, out: &mut [u8]) {
        for byte in out {
            if self.used == self.bytes.len() {
                OsRng.fill_bytes(&mut self.bytes);
                self.used = 0;
            }
            *byte = self.bytes[self.used];
            self.used += 1;
        }
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(out);
        Ok(())
    }
}
impl CryptoRng for BufferedOsRng {}

/// What is mixed into the nonces of sr25519 beside the secret nonce and the transcript: fresh
/// randomness, or nothing, so that the same input gives the same signature (as ed25519 does).
struct Hedge {
    fresh: bool,
}

impl RngCore for Hedge {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }
    fn next_u64(&mut self) -> u64 {
        impls::next_u64_via_fill(self)
    }
    fn fill_bytes(&mut self, out: &mut [u8]) {
        if self.fresh {
            OsRng.fill_bytes(out);
        } else {
            out.fill(0);
        }
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(out);
        Ok(())
    }
}
impl CryptoRng for Hedge {}

/// A secret key beside its public half, which takes as long to compute as a signature.
pub struct Ed25519Key(SigningKey);

impl Drop for Ed25519Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[no_mangle]
pub extern "C" fn stipple_bridge_ed25519_key(seed: *const u8, public: *mut u8) -> *mut Ed25519Key {
    made(|| {
        // SAFETY: the header requires 32 readable and 32 writable bytes.
        unsafe {
            let mut seed: [u8; 32] = fixed(seed);
            let mut key = SigningKey::from(seed);
            seed.zeroize();
            give(public, &VerificationKeyBytes::from(&key).into());
            let boxed = Box::new(Ed25519Key(key));
            key.zeroize();
            Some(boxed)
        }
    })
}

/// Wipes the key.
#[no_mangle]
pub extern "C" fn stipple_bridge_ed25519_forget(key: *mut Ed25519Key) {
    // SAFETY: the header requires a key made here, which nobody uses any more.
    unsafe { forget(key) }
}

#[no_mangle]
pub extern "C" fn stipple_bridge_ed25519_sign(
    key: *const Ed25519Key, message: *const u8, message_size: usize, signature: *mut u8,
) -> u8 {
    verdict(|| {
        // SAFETY: the header requires a key made here, the message, and 64 writable bytes.
        unsafe {
            give(signature, &(*key).0.sign(input(message, message_size)).to_bytes());
        }
        Some(())
    })
}

#[no_mangle]
pub extern "C" fn stipple_bridge_ed25519_verify(claim: *const StippleBridgeClaim) -> u8 {
    verdict(|| {
        // SAFETY: the header requires a claim whose pointers hold 64, 32 and message_size bytes.
        unsafe {
            let claim = &*claim;
            let key = VerificationKey::try_from(fixed::<32>(claim.public)).ok()?;
            let signature = EdSignature::from(fixed::<64>(claim.signature));
            key.verify(&signature, input(claim.message, claim.message_size)).ok()
        }
    })
}

#[no_mangle]
pub extern "C" fn stipple_bridge_ed25519_verify_batch(
    claims: *const StippleBridgeClaim, count: usize,
) -> u8 {
    verdict(|| {
        let mut verifier = batch::Verifier::new();
        // SAFETY: as for one claim, for each of `count`.
        unsafe {
            for claim in input(claims, count) {
                let key = VerificationKeyBytes::from(fixed::<32>(claim.public));
                let signature = EdSignature::from(fixed::<64>(claim.signature));
                verifier.queue((key, signature, input(claim.message, claim.message_size)));
            }
        }
        verifier.verify(BufferedOsRng::new()).ok()
    })
}

// sr25519 ---------------------------------------------------------------------------------------

/// The public half comes from the secret one, never from a caller: signing under another public key
/// would give the secret away. Wipes itself.
type Sr25519Key = Keypair;

/// SAFETY: `public` takes 32 bytes (the header's contract).
unsafe fn keep(secret: SecretKey, public: *mut u8) -> Option<Box<Sr25519Key>> {
    let pair = Box::new(secret.to_keypair());
    give(public, &pair.public.to_bytes());
    Some(pair)
}

#[no_mangle]
pub extern "C" fn stipple_bridge_sr25519_key(seed: *const u8, public: *mut u8) -> *mut Sr25519Key {
    made(|| {
        // SAFETY: the header requires 32 readable and 32 writable bytes.
        unsafe {
            let mut seed: [u8; 32] = fixed(seed);
            let mini = MiniSecretKey::from_bytes(&seed).ok()?;
            seed.zeroize();
            keep(mini.expand(ExpansionMode::Ed25519), public)
        }
    })
}

/// Wipes the key.
#[no_mangle]
pub extern "C" fn stipple_bridge_sr25519_forget(key: *mut Sr25519Key) {
    // SAFETY: the header requires a key made here, which nobody uses any more.
    unsafe { forget(key) }
}

/// One junction of a secret URI; `hard` is 0 or 1.
#[no_mangle]
pub extern "C" fn stipple_bridge_sr25519_derive(
    key: *const Sr25519Key, chain_code: *const u8, hard: u8, public: *mut u8,
) -> *mut Sr25519Key {
    made(|| {
        // SAFETY: the header requires a key made here, 32 readable and 32 writable bytes.
        unsafe {
            let secret = &(*key).secret;
            let code = ChainCode(fixed(chain_code));
            let derived = if hard != 0 {
                let (mini, _) = secret.hard_derive_mini_secret_key(Some(code), b"");
                mini.expand(ExpansionMode::Ed25519)
            } else {
                secret.derived_key_simple(code, b"").0
            };
            keep(derived, public)
        }
    })
}

/// The soft junction of a public key.
#[no_mangle]
pub extern "C" fn stipple_bridge_sr25519_derive_public(
    public: *const u8, chain_code: *const u8, out_public: *mut u8,
) -> u8 {
    verdict(|| {
        // SAFETY: the header requires 32 and 32 readable, 32 writable bytes.
        unsafe {
            let key = PublicKey::from_bytes(&fixed::<32>(public)).ok()?;
            let code = ChainCode(fixed(chain_code));
            give(out_public, &key.derived_key_simple(code, b"").0.to_bytes());
        }
        Some(())
    })
}

#[no_mangle]
pub extern "C" fn stipple_bridge_sr25519_sign(
    key: *const Sr25519Key, message: *const u8, message_size: usize, hedged: u8, signature: *mut u8,
) -> u8 {
    verdict(|| {
        // SAFETY: the header requires a key made here, the message, and 64 writable bytes.
        unsafe {
            let pair = &*key;
            let transcript = signing_context(CONTEXT).bytes(input(message, message_size));
            let hedge = Hedge { fresh: hedged != 0 };
            give(signature, &pair.sign(attach_rng(transcript, hedge)).to_bytes());
        }
        Some(())
    })
}

#[no_mangle]
pub extern "C" fn stipple_bridge_sr25519_verify(claim: *const StippleBridgeClaim) -> u8 {
    verdict(|| {
        // SAFETY: the header requires a claim whose pointers hold 64, 32 and message_size bytes.
        unsafe {
            let claim = &*claim;
            let signature = Signature::from_bytes(&fixed::<64>(claim.signature)).ok()?;
            let key = PublicKey::from_bytes(&fixed::<32>(claim.public)).ok()?;
            let message = input(claim.message, claim.message_size);
            key.verify_simple(CONTEXT, message, &signature).ok()
        }
    })
}

#[no_mangle]
pub extern "C" fn stipple_bridge_sr25519_verify_deprecated(claim: *const StippleBridgeClaim) -> u8 {
    verdict(|| {
        // SAFETY: as for stipple_bridge_sr25519_verify.
        unsafe {
            let claim = &*claim;
            let key = PublicKey::from_bytes(&fixed::<32>(claim.public)).ok()?;
            let message = input(claim.message, claim.message_size);
            let signature = fixed::<64>(claim.signature);
            key.verify_simple_preaudit_deprecated(CONTEXT, message, &signature).ok()
        }
    })
}

#[no_mangle]
pub extern "C" fn stipple_bridge_sr25519_verify_batch(
    claims: *const StippleBridgeClaim, count: usize,
) -> u8 {
    verdict(|| {
        // SAFETY: as for one claim, for each of `count`.
        let claims = unsafe { input(claims, count) };
        let mut keys = Vec::with_capacity(count);
        let mut signatures = Vec::with_capacity(count);
        let mut transcripts = Vec::with_capacity(count);
        let context = signing_context(CONTEXT);
        for claim in claims {
            // SAFETY: as above.
            unsafe {
                signatures.push(Signature::from_bytes(&fixed::<64>(claim.signature)).ok()?);
                keys.push(PublicKey::from_bytes(&fixed::<32>(claim.public)).ok()?);
                transcripts.push(context.bytes(input(claim.message, claim.message_size)));
            }
        }
        schnorrkel::verify_batch(transcripts, &signatures, &keys, false).ok()
    })
}

// VRF -------------------------------------------------------------------------------------------

/// The labels of BABE and of parachain approvals.
const PROTOCOL_LABELS: [&[u8]; 12] = [
    b"BABE", b"slot number", b"current epoch", b"chain randomness", b"A&V MOD", b"A&V MOD v2",
    b"A&V DELAY", b"A&V ASSIGNED", b"A&V TRANCHE", b"RC-VRF", b"sample", b"core",
];

/// merlin wants labels that live for ever. Beyond the protocol's own, each one seen is kept, up to a
/// bound; past it a new label is refused.
fn label(bytes: &[u8]) -> Option<&'static [u8]> {
    if let Some(found) = PROTOCOL_LABELS.iter().find(|known| **known == bytes) {
        return Some(found);
    }
    static KNOWN: Mutex<BTreeSet<&'static [u8]>> = Mutex::new(BTreeSet::new());
    let mut known = KNOWN.lock().ok()?;
    if let Some(found) = known.get(bytes) {
        return Some(found);
    }
    if known.len() == LABELS_MAX || bytes.len() > LABEL_BYTES_MAX {
        return None;
    }
    let kept: &'static [u8] = Box::leak(bytes.to_vec().into_boxed_slice());
    known.insert(kept);
    Some(kept)
}

/// SAFETY: `description` and all it points to are readable (the header's contract).
unsafe fn transcript(description: *const StippleBridgeTranscript) -> Option<Transcript> {
    let description = &*description;
    let mut built = Transcript::new(label(input(description.label, description.label_size))?);
    for item in input(description.items, description.item_count) {
        let name = label(input(item.label, item.label_size))?;
        built.append_message(name, input(item.data, item.data_size));
    }
    Some(built)
}

/// SAFETY: as for `transcript`; a null pointer means the default one.
unsafe fn extra_transcript(description: *const StippleBridgeTranscript) -> Option<Transcript> {
    if description.is_null() {
        Some(Transcript::new(b"VRF"))
    } else {
        transcript(description)
    }
}

/// Input point, then output point.
fn in_out_bytes(in_out: &VRFInOut) -> [u8; 64] {
    let mut bytes = [0u8; 64];
    bytes[..32].copy_from_slice(&in_out.input.as_compressed().to_bytes());
    bytes[32..].copy_from_slice(in_out.as_output_bytes());
    bytes
}

#[no_mangle]
pub extern "C" fn stipple_bridge_vrf_sign(
    key: *const Sr25519Key, about: *const StippleBridgeTranscript,
    extra: *const StippleBridgeTranscript, hedged: u8, pre_output: *mut u8, proof: *mut u8,
    in_out: *mut u8,
) -> u8 {
    verdict(|| {
        // SAFETY: the header requires a key made here, transcripts, 32, 64 and 64 writable bytes.
        unsafe {
            let pair = &*key;
            let extra = attach_rng(extra_transcript(extra)?, Hedge { fresh: hedged != 0 });
            let (output, made, _) = pair.vrf_sign_extra(transcript(about)?, extra);
            give(in_out, &in_out_bytes(&output));
            give(pre_output, &output.to_preout().to_bytes());
            give(proof, &made.to_bytes());
        }
        Some(())
    })
}

#[no_mangle]
pub extern "C" fn stipple_bridge_vrf_in_out(
    key: *const Sr25519Key, about: *const StippleBridgeTranscript, in_out: *mut u8,
) -> u8 {
    verdict(|| {
        // SAFETY: the header requires a key made here, a transcript, and 64 writable bytes.
        unsafe {
            give(in_out, &in_out_bytes(&(*key).vrf_create_hash(transcript(about)?)));
        }
        Some(())
    })
}

#[no_mangle]
pub extern "C" fn stipple_bridge_vrf_verify(
    public: *const u8, about: *const StippleBridgeTranscript, extra: *const StippleBridgeTranscript,
    pre_output: *const u8, proof: *const u8, in_out: *mut u8,
) -> u8 {
    verdict(|| {
        // SAFETY: the header requires 32, 32 and 64 readable bytes, transcripts, 64 writable bytes.
        unsafe {
            let key = PublicKey::from_bytes(&fixed::<32>(public)).ok()?;
            let pre_output = VRFPreOut::from_bytes(&fixed::<32>(pre_output)).ok()?;
            let proof = VRFProof::from_bytes(&fixed::<64>(proof)).ok()?;
            let about = transcript(about)?;
            let (found, _) =
                key.vrf_verify_extra(about, &pre_output, &proof, extra_transcript(extra)?).ok()?;
            give(in_out, &in_out_bytes(&found));
        }
        Some(())
    })
}

/// The bytes schnorrkel's `make_bytes` gives, for any length.
#[no_mangle]
pub extern "C" fn stipple_bridge_vrf_make_bytes(
    in_out: *const u8, context: *const u8, context_size: usize, out: *mut u8, out_size: usize,
) -> u8 {
    verdict(|| {
        // SAFETY: the header requires 64 readable bytes, the context, and out_size writable bytes.
        unsafe {
            let points: [u8; 64] = fixed(in_out);
            let mut made = Transcript::new(b"VRFResult");
            made.append_message(b"", input(context, context_size));
            made.append_message(b"vrf-in", &points[..32]);
            made.append_message(b"vrf-out", &points[32..]);
            if out_size > 0 {
                made.challenge_bytes(b"", std::slice::from_raw_parts_mut(out, out_size));
            }
        }
        Some(())
    })
}
