#include "sim/vote_world.hpp"

#include "base/memory_store.hpp"

#include <fmt/format.h>

namespace stipple::sim {

using grandpa::VoteKind;
using namespace std::chrono_literals;

namespace {

constexpr Instant kStart{1000s};
/// Forks begin at one of the newest blocks.
constexpr std::size_t kNewest = 12;
constexpr Duration kCalmDelayMax = 100ms;

grandpa::AuthorityId voter_id(std::size_t index) {
    grandpa::AuthorityId id;
    id.bytes[0] = static_cast<std::uint8_t>(index + 1);
    return id;
}

PeerKey peer(std::size_t index) {
    return PeerKey(index + 1);
}

BlockRef made_up(std::size_t index, BlockNumber number) {
    BlockRef ref{{}, number};
    Bytes text;
    append_le(text, std::uint64_t{index} + 1);
    std::copy(text.begin(), text.end(), ref.hash.bytes.begin());
    return ref;
}

}  // namespace

VoteWorld::VoteWorld(const Parameters& parameters)
    : parameters_(parameters), prng_(parameters.seed), schedule_(kStart) {
    blocks_.push_back({made_up(0, 0), 0});
    by_hash_[blocks_[0].ref.hash] = 0;
    for (std::size_t i = 0; i < parameters.nodes; ++i) {
        authorities_.push_back({voter_id(i), 1});
    }
    const std::size_t tolerated = (parameters.nodes - 1) / 3;
    for (std::size_t i = 0; i < parameters.nodes; ++i) {
        Node& node = nodes_.emplace_back();
        node.byzantine = i < tolerated;  // which ones makes no difference
        node.known = {true};
        node.finalized = blocks_[0].ref;
        node.arrivals.resize(parameters.nodes, kStart);
        grandpa::VoterConfig config;
        config.keys = {voter_id(i)};
        node.voter = std::make_unique<grandpa::Voter>(config, AuthoritySetId(0),
                                                      *grandpa::VoterSet::create(authorities_),
                                                      blocks_[0].ref, prng_.fork());
    }
}

VoteWorld::~VoteWorld() = default;

Outcome VoteWorld::run() {
    const MemoryStore nothing;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        grandpa::VoterEffects effects;
        CHECK(nodes_[i].voter->start(schedule_.now(), nothing, effects).has_value());
        take(i, effects);
    }
    connect_all();
    while (!verdict_.failure() && lowest_finalized() < parameters_.blocks) {
        if (parameters_.faults != FaultLevel::none) {
            storm();
        }
        if (!verdict_.failure()) {
            calm();
        }
    }
    outcome_.failure = verdict_.failure();
    outcome_.best = blocks_[nodes_.back().best].ref.number;
    outcome_.finalized = lowest_finalized();
    outcome_.digest = fmt::format("{:016x}", digest_);
    outcome_.slots = static_cast<std::uint64_t>((schedule_.now() - kStart) / 6s);
    for (std::size_t i = 0; outcome_.failure && i < nodes_.size(); ++i) {
        outcome_.log.push_back(describe(i));
    }
    return outcome_;
}

std::string VoteWorld::describe(std::size_t node) const {
    const Node& at = nodes_[node];
    const grandpa::Round& round = at.voter->round();
    const auto block = [](const std::optional<BlockRef>& ref) {
        return ref ? fmt::format("#{} {}", ref->number, ref->hash.hex().substr(0, 10))
                   : std::string("none");
    };
    return fmt::format(
        "voter {}{}: best {}, final {}, round {} from {} with {} prevotes and {} precommits: ghost "
        "{}, "
        "estimate {}{}; {} waiting",
        node, at.byzantine ? ", which lies" : "", block(blocks_[at.best].ref), block(at.finalized),
        round.number().value, block(round.base()), round.participation(grandpa::Phase::prevote),
        round.participation(grandpa::Phase::precommit), block(round.state().prevote_ghost),
        block(round.state().estimate), round.state().completable ? ", completable" : "",
        at.voter->waiting());
}

void VoteWorld::storm() {
    is_storm_ = true;
    loss_ = prng_.below(30);
    delay_max_ = std::chrono::milliseconds(50 + prng_.below(1500));
    for (std::uint64_t turns = 10 + prng_.below(40); turns > 0 && !verdict_.failure(); --turns) {
        const std::uint64_t news = prng_.below(3);
        for (std::uint64_t i = 0; i < news; ++i) {
            grow();
        }
        jump(prng_.chance(3, 4));
        deafen();
        run_until(schedule_.now() + std::chrono::milliseconds(1000 + prng_.below(7000)));
    }
}

// A vote that one heard and another did not is what an estimate has to reckon with. It takes that
// the vote comes by no way at all: relays are deaf to it, too, and so are commits.
void VoteWorld::deafen() {
    commits_lost_ = prng_.chance(1, 2);
    for (Node& node : nodes_) {
        node.deaf_in.reset();
        if (prng_.chance(3, 4)) {
            node.deaf_in = RoundNumber(node.voter->round().number().value + prng_.below(2));
            node.deaf_to.assign(nodes_.size(), false);
            for (std::size_t voter = 0; voter < nodes_.size(); ++voter) {
                node.deaf_to[voter] = prng_.chance(1, 3);
            }
        }
    }
}

bool VoteWorld::is_unheard(std::size_t to, const grandpa::GossipMessage& message) const {
    if (!is_storm_) {
        return false;
    }
    if (std::holds_alternative<grandpa::CommitMessage>(message)) {
        return commits_lost_;
    }
    const auto* vote = std::get_if<grandpa::VoteMessage>(&message);
    return vote != nullptr && vote->vote.vote.kind == VoteKind::precommit &&
           nodes_[to].deaf_in == vote->round &&
           nodes_[to].deaf_to[vote->vote.id.bytes[0] - std::size_t{1}];
}

void VoteWorld::calm() {
    is_storm_ = false;
    loss_ = 0;
    delay_max_ = kCalmDelayMax;
    connect_all();
    std::size_t tip = unite();
    const Instant end = schedule_.now() + kVoteSettle;
    while (schedule_.now() < end && run_until(schedule_.now() + 1s)) {
        if (!descends(tip, blocks_[newest_final()].ref)) {
            tip = unite();  // an estimate lay on another fork, and bound the voters
        }
        // By the voting rule votes stay two blocks behind the best.
        if (lowest_finalized() + 2 >= blocks_[tip].ref.number) {
            return;
        }
    }
    verdict_.fail("no liveness: {} s into a calm with #{} for its best #{} is final everywhere",
                  kVoteSettle.count(), blocks_[tip].ref.number, lowest_finalized());
}

// The longest chain from what is final, and some more, for everybody.
std::size_t VoteWorld::unite() {
    constexpr int kFurther = 5;
    const std::size_t from = newest_final();
    std::size_t tip = from;
    for (std::size_t i = from; i < blocks_.size(); ++i) {
        if (descends(i, blocks_[from].ref) && blocks_[i].ref.number > blocks_[tip].ref.number) {
            tip = i;
        }
    }
    for (int i = 0; i < kFurther; ++i) {
        blocks_.push_back({made_up(blocks_.size(), blocks_[tip].ref.number + 1), tip});
        tip = blocks_.size() - 1;
        by_hash_[blocks_[tip].ref.hash] = tip;
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        for (std::size_t block = 0; block < blocks_.size(); ++block) {
            import(i, block);
        }
        adopt(i, tip);
    }
    return tip;
}

bool VoteWorld::run_until(Instant when) {
    bool reached = false;
    schedule_.at(when, [&reached] { reached = true; });
    while (!reached && !verdict_.failure()) {
        CHECK(schedule_.step());
    }
    return !verdict_.failure();
}

// ---- the tree ----

void VoteWorld::grow() {
    const std::size_t newest = std::min(kNewest, blocks_.size());
    std::size_t parent = blocks_.size() - 1 - prng_.below(newest);
    if (prng_.chance(1, 2)) {
        parent = nodes_[prng_.below(nodes_.size())].best;
    }
    blocks_.push_back({made_up(blocks_.size(), blocks_[parent].ref.number + 1), parent});
    by_hash_[blocks_.back().ref.hash] = blocks_.size() - 1;
}

bool VoteWorld::descends(std::size_t block, const BlockRef& from) const {
    while (blocks_[block].ref.number > from.number) {
        block = blocks_[block].parent;
    }
    return blocks_[block].ref == from;
}

std::size_t VoteWorld::newest_final() const {
    return agreed_.empty() ? 0 : by_hash_.at(agreed_.rbegin()->second);
}

// Another best block for most nodes at once, or for each its own; always one that what the node has
// final allows.
void VoteWorld::jump(bool together) {
    const auto draw = [this] {
        const std::size_t newest = std::min(kNewest, blocks_.size());
        return blocks_.size() - 1 - prng_.below(newest);
    };
    const std::size_t common = draw();
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        std::size_t block = together && !prng_.chance(1, 8) ? common : draw();
        for (std::uint64_t behind = prng_.chance(1, 3) ? prng_.below(3) : 0; behind > 0; --behind) {
            block = blocks_[block].parent;
        }
        if (descends(block, nodes_[i].finalized)) {
            adopt(i, block);
        }
    }
}

void VoteWorld::import(std::size_t node, std::size_t block) {
    Node& at = nodes_[node];
    at.known.resize(blocks_.size(), false);
    if (at.known[block]) {
        return;
    }
    import(node, blocks_[block].parent);
    at.known[block] = true;
    grandpa::VoterEffects effects;
    at.voter->on_block_imported(schedule_.now(), blocks_[block].ref,
                                blocks_[blocks_[block].parent].ref.hash, effects);
    take(node, effects);
}

void VoteWorld::adopt(std::size_t node, std::size_t block) {
    import(node, block);
    if (!descends(block, nodes_[node].finalized)) {
        return;  // an import let a commit go on
    }
    nodes_[node].best = block;
    grandpa::VoterEffects effects;
    nodes_[node].voter->on_best_block(schedule_.now(), blocks_[block].ref, std::nullopt, effects);
    take(node, effects);
}

// ---- messages ----

void VoteWorld::connect_all() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        for (std::size_t j = 0; j < nodes_.size(); ++j) {
            if (i != j) {
                grandpa::VoterEffects effects;
                nodes_[i].voter->on_peer_disconnected(peer(j));
                nodes_[i].voter->on_peer_connected(schedule_.now(), peer(j),
                                                   grandpa::PeerRole::authority, effects);
                take(i, effects);
            }
        }
    }
}

void VoteWorld::send(std::size_t from, std::size_t to, const grandpa::GossipMessage& message) {
    ++outcome_.notifications;
    if (is_unheard(to, message) || prng_.below(100) < loss_) {
        return;
    }
    const auto span = static_cast<std::uint64_t>(delay_max_.count());
    Instant& last = nodes_[from].arrivals[to];
    last = std::max(last, schedule_.now() + Duration(static_cast<std::int64_t>(prng_.below(span))));
    schedule_.at(last, [this, from, to, message] { deliver(from, to, message); });
}

// To everybody, whose turn ever it is: some hear another target.
void VoteWorld::send_lies(std::size_t from, const grandpa::SendMessage& effect) {
    const auto* own = std::get_if<grandpa::VoteMessage>(&effect.message);
    if (own == nullptr || own->vote.id != voter_id(from)) {
        for (const PeerKey to : effect.to) {
            send(from, to.value - 1, effect.message);
        }
        return;
    }
    grandpa::VoteMessage other = *own;
    other.vote.vote.target =
        blocks_[blocks_.size() - 1 - prng_.below(std::min(kNewest, blocks_.size()))].ref;
    other.vote.signature.bytes[0] = 1;
    for (std::size_t to = 0; to < nodes_.size(); ++to) {
        if (to != from) {
            send(from, to, prng_.chance(1, 2) ? *own : other);
        }
    }
}

void VoteWorld::deliver(std::size_t from, std::size_t to, const grandpa::GossipMessage& message) {
    ++outcome_.events;
    grandpa::VoterEffects effects;
    nodes_[to].voter->on_message(schedule_.now(), peer(from), message, effects);
    take(to, effects);
}

void VoteWorld::plan_wake(std::size_t node) {
    Node& at = nodes_[node];
    const auto wake = at.voter->wake_at();
    if (!wake || (at.wake && *at.wake <= *wake)) {
        return;
    }
    at.wake = wake;
    schedule_.at(*wake, [this, node, when = *wake] {
        Node& woken = nodes_[node];
        if (woken.wake == when) {
            woken.wake.reset();
            grandpa::VoterEffects effects;
            woken.voter->on_wake(schedule_.now(), effects);
            take(node, effects);
        }
    });
}

// ---- effects ----

void VoteWorld::take(std::size_t node, grandpa::VoterEffects& effects) {
    Node& at = nodes_[node];
    // Answers may give more effects, which come after these.
    for (std::size_t i = 0; i < effects.size(); ++i) {
        const grandpa::VoterEffect effect = effects[i];
        if (const auto* message = std::get_if<grandpa::SendMessage>(&effect)) {
            if (at.byzantine) {
                send_lies(node, *message);
            } else {
                for (const PeerKey to : message->to) {
                    send(node, to.value - 1, message->message);
                }
            }
        } else if (const auto* verify = std::get_if<grandpa::VerifyClaims>(&effect)) {
            at.voter->on_job_done(schedule_.now(), verify->job,
                                  std::vector<bool>(verify->claims.size(), true), effects);
        } else if (const auto* vote = std::get_if<grandpa::SignVote>(&effect)) {
            sign(node, *vote, effects);
        } else if (const auto* final_block = std::get_if<grandpa::Finalize>(&effect)) {
            finalize(node, *final_block, effects);
        } else if (const auto* report = std::get_if<grandpa::ReportEquivocation>(&effect)) {
            for (std::size_t j = 0; j < nodes_.size(); ++j) {
                if (report->equivocation.id == voter_id(j) && !nodes_[j].byzantine) {
                    verdict_.fail("honest equivocation: voter {} in round {}", j,
                                  report->equivocation.round.value);
                }
            }
        } else if (const auto* want = std::get_if<grandpa::WantBlock>(&effect)) {
            const auto block = by_hash_.find(want->block.hash);
            if (block != by_hash_.end()) {
                schedule_.after(delay_max_,
                                [this, node, wanted = block->second] { import(node, wanted); });
            }
        }
    }
    plan_wake(node);
}

void VoteWorld::sign(std::size_t node, const grandpa::SignVote& effect,
                     grandpa::VoterEffects& effects) {
    Node& at = nodes_[node];
    const auto known = at.journal.find(effect.vote.kind);
    if (known != at.journal.end() && known->second.first >= effect.round &&
        (known->second.first > effect.round || known->second.second != effect.vote.target)) {
        verdict_.fail("voter {} wants to vote twice in round {}", node, effect.round.value);
        return;
    }
    at.journal[effect.vote.kind] = {effect.round, effect.vote.target};
    at.voter->on_signed(schedule_.now(), {effect.vote, {}, effect.key, effect.round, effect.set},
                        effects);
}

void VoteWorld::finalize(std::size_t node, const grandpa::Finalize& effect,
                         grandpa::VoterEffects& effects) {
    Node& at = nodes_[node];
    ++outcome_.imports;
    digest_ = Prng(Seed{digest_ ^ (effect.block.number * nodes_.size() + node) ^
                        static_cast<std::uint64_t>(schedule_.now().since_origin.count())})
                  .next();
    if (!at.byzantine) {
        // Every block down to what the node had final: the same as everybody's.
        std::size_t block = by_hash_.at(effect.block.hash);
        for (; blocks_[block].ref.number > at.finalized.number; block = blocks_[block].parent) {
            const BlockRef& ref = blocks_[block].ref;
            const auto [agreed, added] = agreed_.emplace(ref.number, ref.hash);
            if (!added && agreed->second != ref.hash) {
                verdict_.fail(
                    "conflicting finality: voter {} has #{} {} final in round {}, another "
                    "{}",
                    node, ref.number, ref.hash.hex(), effect.round.value, agreed->second.hex());
            }
        }
        if (blocks_[block].ref != at.finalized) {
            verdict_.fail("conflicting finality: voter {} left #{}", node, at.finalized.number);
        }
    }
    at.finalized = effect.block;
    at.voter->on_finalized(schedule_.now(), effect.block, effects);
    if (!descends(at.best, at.finalized)) {
        at.best = by_hash_.at(at.finalized.hash);
        at.voter->on_best_block(schedule_.now(), at.finalized, std::nullopt, effects);
    }
}

BlockNumber VoteWorld::lowest_finalized() const {
    std::optional<BlockNumber> lowest;
    for (const Node& node : nodes_) {
        if (!node.byzantine) {
            lowest = std::min(lowest.value_or(node.finalized.number), node.finalized.number);
        }
    }
    return lowest.value_or(0);
}

}  // namespace stipple::sim
