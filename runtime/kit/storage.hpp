// Storage items: where a pallet keeps what it knows.
//
//     static constexpr StorageValue<Balance> total_issuance{
//         "Balances", "TotalIssuance", "The total units issued."};
//     static constexpr StorageMap<Blake2Concat<AccountId>, Optional<Proposal>> proposals{...};
//
// An item is a constant that knows its key: twox-128(pallet) ‖ twox-128(item), for a map followed
// by the hashed keys; generic tools find it by the same rule. Reading what was never written gives
// the default: T{}, a constant given as fourth argument, or nothing for `Optional<T>`. A value that
// does not decode ends the call: storage holds only what this runtime wrote, so that is our own
// bug.
#pragma once

#include "kit/hashing.hpp"
#include "kit/host.hpp"
#include "kit/label.hpp"
#include "kit/type_info.hpp"

namespace stipple::runtime::inline kit {

/// Marks an item that may be absent: get() gives std::optional<T>.
template <class T>
struct Optional {};

// ---- hashers of map keys ----
enum class HasherKind : std::uint8_t {
    blake2_128 = 0,
    blake2_256,
    blake2_128_concat,
    twox_128,
    twox_256,
    twox_64_concat,
    identity
};
/// The key as it is: for keys that are hashes already.
template <class K>
struct Identity {
    using Key = K;
    static constexpr HasherKind kKind = HasherKind::identity;
    static constexpr std::size_t kPrefixBytes = 0;
    static void put(Bytes& out, ByteView key) { append(out, key); }
};
/// For keys nobody can choose freely: numbers, validators.
template <class K>
struct Twox64Concat {
    using Key = K;
    static constexpr HasherKind kKind = HasherKind::twox_64_concat;
    static constexpr std::size_t kPrefixBytes = 8;
    static void put(Bytes& out, ByteView key) {
        append(out, twox_64(key.data(), key.size()));
        append(out, key);
    }
};
/// For keys that users choose.
template <class K>
struct Blake2Concat {
    using Key = K;
    static constexpr HasherKind kKind = HasherKind::blake2_128_concat;
    static constexpr std::size_t kPrefixBytes = 16;
    static void put(Bytes& out, ByteView key) {
        append(out, host::blake2_128(key));
        append(out, key);
    }
};

namespace detail {
template <class V>
struct ValueTraits {
    using Stored = V;
    using Read = V;
    static constexpr bool kOptional = false;
};
template <class V>
struct ValueTraits<Optional<V>> {
    using Stored = V;
    using Read = std::optional<V>;
    static constexpr bool kOptional = true;
};

/// Room for most keys and values, so that what is written bit by bit does not grow in steps.
inline constexpr std::size_t kUsualBytes = 120;

[[noreturn]] void undecodable(std::string_view pallet, std::string_view item);

/// Names, documentation and key of an item: what all kinds share.
struct ItemBase {
    std::string_view pallet;
    std::string_view item;
    Label doc;
    std::array<std::uint8_t, 32> prefix{};

    constexpr ItemBase(std::string_view pallet_name, std::string_view item_name, Label text)
        : pallet(pallet_name),
          item(item_name),
          doc(text),
          prefix(storage_prefix(pallet_name, item_name)) {}

    template <class T>
    T decode(ByteView raw) const {
        scale::Decoder in(raw);
        T value{};
        using scale::decode_from;
        decode_from(in, value);
        if (!in.ok()) {
            undecodable(pallet, item);
        }
        return value;
    }
    template <class T>
    static Bytes encode(const T& value) {
        using scale::encode_to;
        Bytes out;
        out.reserve(kUsualBytes);
        encode_to(out, value);
        return out;
    }
};

/// One value of storage under a key that is known: shared by values and map entries.
template <class V>
struct Cell : ItemBase {
    using Stored = typename ValueTraits<V>::Stored;
    using Read = typename ValueTraits<V>::Read;
    using MakeDefault = Stored (*)();
    MakeDefault make_default = nullptr;

    constexpr Cell(std::string_view pallet_name, std::string_view item_name, Label text,
                   MakeDefault fallback = nullptr)
        : ItemBase(pallet_name, item_name, text), make_default(fallback) {}

    Read absent() const {
        if constexpr (ValueTraits<V>::kOptional) {
            return std::nullopt;
        } else {
            return make_default == nullptr ? Stored{} : make_default();
        }
    }
    Read read(ByteView key) const {
        const StoredValue raw = host::read(key);
        return raw ? Read(this->template decode<Stored>(raw.bytes())) : absent();
    }
    /// Reads, lets `change` work on the value, writes. For an optional value `change` sees the
    /// optional, and emptying it removes the entry. Gives what `change` gives.
    auto update(ByteView key, auto&& change) const {
        Read value = read(key);
        const auto write = [&] {
            if constexpr (ValueTraits<V>::kOptional) {
                value ? host::set(key, encode(*value)) : host::clear(key);
            } else {
                host::set(key, encode(value));
            }
        };
        if constexpr (std::is_void_v<decltype(change(value))>) {
            change(value);
            write();
        } else {
            auto result = change(value);
            write();
            return result;
        }
    }
};
}  // namespace detail

template <class V>
struct StorageValue : detail::Cell<V> {
    using Base = detail::Cell<V>;
    using Base::Base;
    using typename Base::Read;
    using typename Base::Stored;

    ByteView key() const { return this->prefix; }
    Read get() const { return this->read(key()); }
    bool exists() const { return host::exists(key()); }
    void set(const Stored& value) const { host::set(key(), Base::encode(value)); }
    void clear() const { host::clear(key()); }
    /// The value, which is then gone from storage.
    Read take() const {
        Read value = get();
        clear();
        return value;
    }
    auto mutate(auto&& change) const { return this->update(key(), change); }
    /// Adds an item to a sequence without reading it.
    void append(ByteView encoded_item) const { host::append(key(), encoded_item); }
};

/// A map of any number of keys; StorageMap, StorageDoubleMap and StorageNMap name the usual ones.
template <class V, class... Hashers>
struct BasicMap : detail::Cell<V> {
    using Base = detail::Cell<V>;
    using typename Base::Read;
    using typename Base::Stored;
    using Keys = std::tuple<typename Hashers::Key...>;
    using Base::Base;

    /// The storage key of all entries whose first keys are these.
    template <class... K>
    Bytes key(const K&... keys) const {
        static_assert(sizeof...(K) <= sizeof...(Hashers), "more keys than the map has");
        Bytes out;
        out.reserve(detail::kUsualBytes);
        ::stipple::append(out, this->prefix);
        put_keys(out, std::tie(keys...), std::index_sequence_for<K...>());
        return out;
    }
    Read get(const typename Hashers::Key&... keys) const { return this->read(key(keys...)); }
    bool contains(const typename Hashers::Key&... keys) const { return host::exists(key(keys...)); }
    void insert(const typename Hashers::Key&... keys, const Stored& value) const {
        host::set(key(keys...), Base::encode(value));
    }
    void remove(const typename Hashers::Key&... keys) const { host::clear(key(keys...)); }
    Read take(const typename Hashers::Key&... keys) const {
        const Bytes at = key(keys...);
        Read value = this->read(at);
        host::clear(at);
        return value;
    }
    auto mutate(const typename Hashers::Key&... keys, auto&& change) const {
        return this->update(key(keys...), change);
    }
    void append(const typename Hashers::Key&... keys, ByteView encoded_item) const {
        host::append(key(keys...), encoded_item);
    }
    /// Removes all entries whose first keys are these; the limit counts entries of the parent
    /// state. True: all are gone.
    template <class... K>
    bool clear(std::optional<std::uint32_t> limit, const K&... keys) const {
        return host::clear_prefix(key(keys...), limit);
    }
    /// Calls visit(keys, value) for each entry in order of storage keys, while it returns true.
    /// Entries may be removed or changed on the way, not added.
    template <class... K>
    void for_each(auto&& visit, const K&... first_keys) const {
        const Bytes start = key(first_keys...);
        std::optional<Bytes> at = start;
        while ((at = host::next_key(*at)) && starts_with(*at, start)) {
            const std::optional<Bytes> raw = host::get(*at);
            if (raw && !visit(keys_from(*at), this->template decode<Stored>(*raw))) {
                return;
            }
        }
    }

 private:
    template <class Tuple, std::size_t... I>
    static void put_keys(Bytes& out, const Tuple& keys, std::index_sequence<I...>) {
        using All = std::tuple<Hashers...>;
        (std::tuple_element_t<I, All>::put(
             out, Base::encode(static_cast<const typename std::tuple_element_t<I, All>::Key&>(
                      std::get<I>(keys)))),
         ...);
    }
    Keys keys_from(ByteView raw_key) const {
        scale::Decoder in(raw_key.subspan(32));
        Keys keys{};
        std::apply(
            [&](auto&... one) {
                using scale::decode_from;
                ((in.take(Hashers::kPrefixBytes), decode_from(in, one)), ...);
            },
            keys);
        if (!in.ok()) {
            detail::undecodable(this->pallet, this->item);
        }
        return keys;
    }
};
template <class Hasher, class V>
using StorageMap = BasicMap<V, Hasher>;
template <class First, class Second, class V>
using StorageDoubleMap = BasicMap<V, First, Second>;
template <class V, class... Hashers>
using StorageNMap = BasicMap<V, Hashers...>;

/// A map that knows how many entries it has, under "CounterFor<item>" (given as fourth argument,
/// because a constant must own its text).
template <class Hasher, class V>
struct CountedMap : BasicMap<V, Hasher> {
    using Base = BasicMap<V, Hasher>;
    using typename Base::Stored;
    using Key = typename Hasher::Key;
    StorageValue<std::uint32_t> counter;
    constexpr CountedMap(std::string_view pallet_name, std::string_view item_name, Label text,
                         std::string_view counter_item)
        : Base(pallet_name, item_name, text),
          counter(pallet_name, counter_item, "Counter for the related counted storage map.") {}

    std::uint32_t count() const { return counter.get(); }
    /// The host does not tell how many went.
    bool clear(std::optional<std::uint32_t> limit) const = delete;
    void insert(const Key& key, const Stored& value) const {
        if (!this->contains(key)) {
            counter.mutate([](std::uint32_t& count) { ++count; });
        }
        Base::insert(key, value);
    }
    void remove(const Key& key) const {
        if (this->contains(key)) {
            counter.mutate([](std::uint32_t& count) { --count; });
            Base::remove(key);
        }
    }
    auto take(const Key& key) const {
        auto value = this->get(key);
        remove(key);
        return value;
    }
    auto mutate(const Key& key, auto&& change) const {
        const bool before = this->contains(key);
        const auto adjust = [&] {
            if (this->contains(key) != before) {
                counter.mutate([&](std::uint32_t& count) { before ? --count : ++count; });
            }
        };
        if constexpr (std::is_void_v<decltype(Base::mutate(key, change))>) {
            Base::mutate(key, change);
            adjust();
        } else {
            auto result = Base::mutate(key, change);
            adjust();
            return result;
        }
    }
};

/// Runs `action` in a storage layer of its own: what a failing action wrote is undone. The
/// result must be testable, as Outcome is.
auto with_storage_layer(auto&& action) {
    host::start_transaction();
    auto result = action();
    if (result) {
        host::commit_transaction();
    } else {
        host::rollback_transaction();
    }
    return result;
}

}  // namespace stipple::runtime::inline kit
