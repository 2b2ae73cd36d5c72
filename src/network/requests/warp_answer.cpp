#include "network/requests/warp_answer.hpp"

namespace stipple::network::requests {
namespace {

bool hands_over(const Header& header) {
    const auto change = grandpa::find_change(header);
    return change && std::holds_alternative<grandpa::ScheduledChange>(*change);
}

/// Fragments are copied as they are stored; only their number and the flag are added.
class ProofBytes {
 public:
    explicit ProofBytes(std::size_t bytes_max) : bytes_max_(bytes_max) {}
    bool add(const Header& header, ByteView justification) {
        const Bytes encoded = scale::encode(header);
        if (fragments_.size() + encoded.size() + justification.size() + kWarpProofBytesSpare >=
            bytes_max_) {
            return false;
        }
        append(fragments_, encoded);
        append(fragments_, justification);
        ++count_;
        return true;
    }
    Bytes finish(bool is_finished) const {
        Bytes out;
        scale::encode_compact(out, count_);
        append(out, fragments_);
        out.push_back(is_finished ? 1 : 0);
        return out;
    }

 private:
    std::size_t bytes_max_;
    Bytes fragments_;
    std::size_t count_ = 0;
};

}  // namespace

std::expected<Answer, WarpAnswerError> answer_warp(const BlockHash& begin, const WarpReader& chain,
                                                   std::size_t bytes_max) {
    const auto begin_number = chain.finalized_number(begin);
    if (!begin_number) {
        return std::unexpected(WarpAnswerError::begin_not_finalized);
    }
    ProofBytes proof(bytes_max);
    BlockNumber lowest_newest = *begin_number;  // the newest justification has to be this high
    std::optional<BlockNumber> set_end = chain.set_end_after(*begin_number);
    while (set_end) {
        const auto header = chain.finalized_header(*set_end);
        if (!header) {
            return std::unexpected(WarpAnswerError::missing_data);
        }
        if (!hands_over(*header)) {
            break;
        }
        const auto justification = chain.justification(*set_end);
        if (!justification) {
            return std::unexpected(WarpAnswerError::missing_data);
        }
        if (!proof.add(*header, *justification)) {
            return Answer{proof.finish(false)};
        }
        lowest_newest = *set_end + 1;
        set_end = chain.set_end_after(*set_end);
    }
    const auto newest = chain.newest_justification();
    if (newest && newest->first >= lowest_newest) {
        const auto header = chain.finalized_header(newest->first);
        if (!header) {
            return std::unexpected(WarpAnswerError::missing_data);
        }
        if (!proof.add(*header, newest->second)) {
            return Answer{proof.finish(false)};
        }
    }
    return Answer{proof.finish(true)};
}

}  // namespace stipple::network::requests
