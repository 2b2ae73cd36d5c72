// Authorities that come and go, lookups that bring anything, peers that push records, signers that
// answer late: bounds hold, an authority's record never gets older, nothing is stored with us that
// was not found good, and who has answered everything leaves nothing open.
//
//   0 n k   a set of n authorities, k of them ours   4 a p v  peer p wants value v of a stored
//   1 t     time passes                              5 j r    the oldest verification gives r
//   2 a p v a lookup gives value v of holder p       6 j      a signature comes
//   3 a     a lookup ends                            7 n      addresses change
#include "base/check.hpp"
#include "network/discovery/authority_discovery.hpp"
#include "network/discovery/limits.hpp"
#include "tests/support/bytecode.hpp"

#include <deque>

namespace {

using namespace stipple;
using namespace stipple::network;
using namespace stipple::network::discovery;

constexpr int kStepsMax = 400;
constexpr std::uint8_t kAuthorities = 40;

AuthorityId authority(std::uint8_t number) {
    AuthorityId id;
    id.bytes[0] = static_cast<std::uint8_t>(number % kAuthorities + 1);
    return id;
}
PeerId peer(std::uint8_t number) {
    crypto::Ed25519Public key;
    key.bytes[0] = static_cast<std::uint8_t>(number % 30);
    return libp2p::peer_id_of(key);
}
libp2p::Multiaddr address(std::uint8_t number) {
    return *libp2p::Multiaddr::parse(fmt::format("/ip4/10.0.0.{}/tcp/{}", number, number + 1));
}

class Watched {
 public:
    explicit Watched(std::uint8_t mode)
        : machine_({.local = peer(0),
                    .public_addresses = {},
                    .publish_non_global = (mode & 1) != 0,
                    .needs_peer_signature = (mode & 2) != 0,
                    .look_up = (mode & 4) == 0},
                   now_, Seed{mode}) {}

    template <class Feed>
    void feed(Feed&& feed) {
        Effects effects;
        feed(effects);
        for (Effect& effect : effects) {
            take(effect);
        }
        CHECK(machine_.lookups() <= kLookupsMax);
        CHECK(machine_.verifying() <= kVerifyingMax);
        CHECK(machine_.verifying() == open_.size());
        CHECK(machine_.known_count() <= in_set_);
    }
    void set(std::uint8_t count, std::uint8_t ours) {
        std::vector<AuthorityId> all;
        for (std::uint8_t i = 0; i < count % kAuthorities; ++i) {
            all.push_back(authority(i));
        }
        const auto own = std::span(all).first(std::min<std::size_t>(ours % 12, all.size()));
        in_set_ = all.size();
        for (auto it = newest_.begin(); it != newest_.end();) {
            const bool stays = std::ranges::find(all, it->first) != all.end() &&
                               std::ranges::find(own, it->first) == own.end();
            it = stays ? std::next(it) : newest_.erase(it);
        }
        feed([&](Effects& effects) { machine_.on_authorities(now_, all, own, effects); });
    }
    void pass(std::uint8_t minutes) {
        now_ = now_ + std::chrono::minutes(minutes);
        feed([&](Effects& effects) { machine_.on_wake(now_, UnixMillis(1), effects); });
        CHECK(machine_.wake_at() > now_);
    }
    void answer(std::uint8_t verdict, std::uint8_t created) {
        if (open_.empty()) {
            return;
        }
        const VerifyRecord job = std::move(open_.front());
        open_.pop_front();
        judged_ = verdict % 3 == 0 ? std::nullopt : std::optional(job.value);
        created_ = created;
        std::expected<VerifiedRecord, RecordError> record =
            std::unexpected(RecordError::bad_auth_signature);
        if (judged_) {
            record = VerifiedRecord{peer(verdict), {address(verdict)}, created};
        }
        feed([&](Effects& effects) { machine_.on_verified(job.job, record, effects); });
        judged_.reset();
    }
    void sign() {
        if (!signing_) {
            return;
        }
        std::vector<std::pair<AuthorityId, crypto::Sr25519Signature>> signatures;
        for (const AuthorityId& key : signing_->keys) {
            signatures.emplace_back(key, crypto::Sr25519Signature{});
        }
        feed([&](Effects& effects) {
            machine_.on_signed(signing_->job, signatures, std::nullopt, effects);
        });
        signing_.reset();
    }
    AuthorityDiscovery& machine() { return machine_; }
    Instant now() const { return now_; }
    bool is_busy() const { return !open_.empty(); }

 private:
    void take(Effect& effect) {
        if (auto* verify = std::get_if<VerifyRecord>(&effect)) {
            CHECK(verify->value.size() <= kRecordBytesMax);
            open_.push_back(std::move(*verify));
        } else if (auto* sign = std::get_if<SignRecord>(&effect)) {
            CHECK(!sign->keys.empty() && sign->keys.size() <= kOwnKeysMax);
            signing_ = std::move(*sign);
        } else if (const auto* found = std::get_if<AddressesFound>(&effect)) {
            CHECK(judged_ && found->peer != peer(0));
            const auto [newest, first] = newest_.emplace(found->authority, created_);
            CHECK(first || newest->second <= created_);
            newest->second = created_;
        } else if (const auto* store = std::get_if<StoreRecord>(&effect)) {
            CHECK(judged_ && store->value == *judged_);
        } else if (const auto* give = std::get_if<PutRecordTo>(&effect)) {
            CHECK(!give->peers.empty() && give->peers.size() <= kHoldersMax);
        } else if (const auto* put = std::get_if<PutRecord>(&effect)) {
            machine_.on_put(now_, put->key, put->key.bytes.front() % 2 == 0);
        }
    }

    Instant now_;
    AuthorityDiscovery machine_;
    std::deque<VerifyRecord> open_;
    std::optional<SignRecord> signing_;
    std::optional<Bytes> judged_;  ///< the value that has just been found good
    std::uint8_t created_ = 0;
    std::size_t in_set_ = 0;
    std::map<AuthorityId, std::uint8_t> newest_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzzing::Bytecode input(data, size);
    Watched watched(input.next());
    AuthorityDiscovery& machine = watched.machine();
    for (int step = 0; step < kStepsMax && input.more(); ++step) {
        const std::uint8_t what = input.next();
        const std::uint8_t one = input.next();
        const RecordKey key = record_key(authority(one));
        switch (what % 8) {
            case 0:
                watched.set(one, input.next());
                break;
            case 1:
                watched.pass(one);
                break;
            case 2: {
                const auto holder = input.next();
                const Bytes value(1 + input.next() % 4, holder);
                watched.feed([&](Effects& effects) {
                    machine.on_value_found(
                        key, value, holder % 4 == 0 ? std::nullopt : std::optional(peer(holder)),
                        effects);
                });
                break;
            }
            case 3:
                watched.feed([&](Effects& effects) { machine.on_lookup_done(key, effects); });
                break;
            case 4: {
                const auto publisher = input.next();
                const Bytes value(input.next() == 0 ? kRecordBytesMax + 1 : 8, publisher);
                watched.feed([&](Effects& effects) {
                    machine.on_put_request(key, value, peer(publisher), effects);
                });
                break;
            }
            case 5:
                watched.answer(one, input.next());
                break;
            case 6:
                watched.sign();
                break;
            case 7:
                machine.on_addresses(std::vector(one % 8, address(one)), {address(1)});
                break;
        }
    }
    while (watched.is_busy()) {
        watched.answer(1, 1);
    }
    return 0;
}
