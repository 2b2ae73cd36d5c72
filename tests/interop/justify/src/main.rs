//! Lines `set_id authorities block_hash block_number justification` (hex but for the numbers) on standard input.
//! Each justification must prove its block by finality-grandpa's own rules, with signatures checked by ed25519-zebra,
//! and must not once a signature or the target is changed. Prints OK when all do.
use std::{collections::HashMap, io::BufRead};

use blake2::{digest::consts::U32, Blake2b, Digest};
use finality_grandpa::{validate_commit, voter_set::VoterSet, Chain, Commit, Error, Message};
use parity_scale_codec::{Decode, Encode};

type Hash = [u8; 32];
type Id = [u8; 32];
type Signature = [u8; 64];

#[derive(Encode, Decode, Clone)]
enum DigestItem {
	#[codec(index = 0)]
	Other(Vec<u8>),
	#[codec(index = 4)]
	Consensus([u8; 4], Vec<u8>),
	#[codec(index = 5)]
	Seal([u8; 4], Vec<u8>),
	#[codec(index = 6)]
	PreRuntime([u8; 4], Vec<u8>),
	#[codec(index = 8)]
	RuntimeEnvironmentUpdated,
}

#[derive(Encode, Decode, Clone)]
struct Header {
	parent: Hash,
	#[codec(compact)]
	number: u32,
	state_root: Hash,
	extrinsics_root: Hash,
	digest: Vec<DigestItem>,
}

#[derive(Encode, Decode, Clone)]
struct Justification {
	round: u64,
	commit: Commit<Hash, u32, Signature, Id>,
	votes_ancestries: Vec<Header>,
}

/// The blocks between the target and the votes, as the justification brings them.
struct Ancestry(HashMap<Hash, Hash>);

impl Chain<Hash, u32> for Ancestry {
	fn ancestry(&self, base: Hash, block: Hash) -> Result<Vec<Hash>, Error> {
		let mut route = Vec::new();
		let mut at = block;
		while at != base {
			at = *self.0.get(&at).ok_or(Error::NotDescendent)?;
			if at != base {
				route.push(at);
			}
		}
		Ok(route)
	}
}

fn blake2_256(bytes: &[u8]) -> Hash {
	Blake2b::<U32>::digest(bytes).into()
}

fn verify(justification: &Justification, set_id: u64, voters: &VoterSet<Id>, block: (Hash, u32)) -> Result<(), String> {
	let commit = &justification.commit;
	if (commit.target_hash, commit.target_number) != block {
		return Err("another block".into());
	}
	let ancestry = Ancestry(
		justification.votes_ancestries.iter().map(|header| (blake2_256(&header.encode()), header.parent)).collect(),
	);
	let verdict = validate_commit(commit, voters, &ancestry).map_err(|error| error.to_string())?;
	if !verdict.is_valid() {
		return Err("no supermajority".into());
	}
	for signed in &commit.precommits {
		let payload = (Message::Precommit(signed.precommit.clone()), justification.round, set_id).encode();
		let key = ed25519_zebra::VerificationKey::try_from(signed.id).map_err(|error| error.to_string())?;
		key.verify(&ed25519_zebra::Signature::from(signed.signature), &payload).map_err(|error| error.to_string())?;
	}
	Ok(())
}

fn main() {
	let mut count = 0;
	for line in std::io::stdin().lock().lines() {
		let line = line.expect("standard input");
		let words: Vec<&str> = line.split_whitespace().collect();
		let bytes = |at: usize| hex::decode(words[at].trim_start_matches("0x")).expect("hex");
		let set_id: u64 = words[0].parse().expect("set id");
		let authorities = Vec::<(Id, u64)>::decode(&mut &bytes(1)[..]).expect("authorities");
		let voters = VoterSet::new(authorities).expect("a set of voters");
		let block: (Hash, u32) = (bytes(2).try_into().expect("hash"), words[3].parse().expect("number"));
		let encoded = bytes(4);
		let good = Justification::decode(&mut &encoded[..]).expect("a justification");
		assert_eq!(good.encode(), encoded, "block {}: bytes are left over", block.1);
		if let Err(why) = verify(&good, set_id, &voters, block) {
			panic!("block {}: {why}", block.1);
		}
		let mut forged = good.clone();
		forged.commit.precommits[0].signature[7] ^= 1;
		assert!(verify(&forged, set_id, &voters, block).is_err(), "a forged signature passes");
		assert!(verify(&good, set_id + 1, &voters, block).is_err(), "another set passes");
		let mut thin = good.clone();
		thin.commit.precommits.truncate(1);
		assert!(voters.len().get() < 2 || verify(&thin, set_id, &voters, block).is_err(), "one vote of many passes");
		println!("block {}: round {} of set {set_id}, {} votes", block.1, good.round, good.commit.precommits.len());
		count += 1;
	}
	assert!(count > 0, "no justification came");
	println!("OK");
}
