#include "node/equivocation_reports.hpp"

#include "base/log.hpp"
#include "node/block_pipeline.hpp"

namespace stipple::node {

std::optional<Bytes> EquivocationReports::key_owner_proof(const char* method, const BlockHash& at,
                                                          const Bytes& arguments) const {
    // A proof is no reason to give the call the keys and the pool.
    executor::CallContext context;
    context.time_limit = context_.time_limit;
    const auto answer = call_runtime(chain_, at, method, arguments, context);
    if (!answer) {
        log(LogLevel::warn, "offchain", "no proof of an offender's key: {}",
            answer.error().message());
        return std::nullopt;
    }
    const auto proof = scale::decode<std::optional<Bytes>>(*answer);
    return proof ? *proof : std::nullopt;
}

bool EquivocationReports::submit(const char* method, const BlockHash& at, Bytes proof,
                                 ByteView key_owner_proof) const {
    scale::encode_byte_string(proof, key_owner_proof);
    const auto answer = call_runtime(chain_, at, method, proof, context_);
    if (!answer) {
        log(LogLevel::warn, "offchain", "an equivocation was not reported: {}",
            answer.error().message());
    }
    // Option<()>: none when the runtime could not submit.
    return answer && equal(*answer, Bytes{1});
}

bool EquivocationReports::report(const babe::EquivocationProof& proof) const {
    constexpr auto kProve = "BabeApi_generate_key_ownership_proof";
    Bytes arguments = scale::encode(proof.slot);
    append(arguments, proof.offender.view());
    // The parent's state knows the session, unless the block is the first of it.
    const BlockHash best = chain_.heads().best.hash;
    auto owner = key_owner_proof(kProve, proof.second.parent_hash, arguments);
    if (!owner) {
        owner = key_owner_proof(kProve, best, arguments);
    }
    return owner && submit("BabeApi_submit_report_equivocation_unsigned_extrinsic", best,
                           scale::encode(proof), *owner);
}

bool EquivocationReports::report(const grandpa::Equivocation& equivocation,
                                 AuthoritySetId set) const {
    Bytes arguments = scale::encode(set);
    append(arguments, equivocation.id.view());
    // The set in force ends with the block whose finality changes it, so that the finalised
    // block's session is the offender's.
    const auto heads = chain_.heads();
    const auto owner =
        key_owner_proof("GrandpaApi_generate_key_ownership_proof", heads.finalized.hash, arguments);
    return owner &&
           submit("GrandpaApi_submit_report_equivocation_unsigned_extrinsic", heads.best.hash,
                  grandpa::encode_equivocation_proof(equivocation, set), *owner);
}

bool EquivocationReports::report(const beefy::DoubleVotingProof& proof) const {
    if (!beefy::check_double_voting(proof)) {
        return false;
    }
    Bytes arguments = scale::encode(proof.first.commitment.set);
    append(arguments, proof.first.id.view());
    // The set is that of the block voted for; where its state is gone, of the finalised one.
    const auto at = chain_.canonical_hash(proof.first.commitment.block);
    constexpr auto kProve = "BeefyApi_generate_key_ownership_proof";
    auto owner = at && *at ? key_owner_proof(kProve, **at, arguments) : std::nullopt;
    const auto heads = chain_.heads();
    if (!owner) {
        owner = key_owner_proof(kProve, heads.finalized.hash, arguments);
    }
    return owner && submit("BeefyApi_submit_report_double_voting_unsigned_extrinsic",
                           heads.best.hash, scale::encode(proof), *owner);
}

}  // namespace stipple::node
