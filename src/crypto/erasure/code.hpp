// The erasure code of availability: a candidate's data becomes one chunk for each validator, and
// about a third of the chunks give the data back.
//
// Reed-Solomon over GF(2^16) in the novel polynomial basis (Lin, Han, Chung, FOCS 2014), bit for
// bit the network's. With n validators, any (n-1)/3 + 1 chunks are enough; inside, k is that number
// rounded down to a power of two and n rounded up. The code is systematic: the first k chunks carry
// the data itself, spread by symbols of two bytes,
//
//     data     s0 s1 … s(k-1) | sk …            (big-endian u16 symbols, zero-padded)
//     chunk i  si s(k+i) s(2k+i) …
//
// The transform runs over whole rows (a chunk's symbols), in strips that fit the cache, with AVX2
// where there is.
//
// Spec: sect-erasure-encoding. Guide: availability. Bounds: 65536 validators, kPayloadBytesMax.
#pragma once

#include "base/bytes.hpp"
#include "crypto/erasure/kernels.hpp"

#include <expected>
#include <memory>
#include <span>
#include <vector>

namespace stipple::crypto::erasure {

inline constexpr std::size_t kValidatorsMax = kFieldSize;
/// Well above the largest PoV with its validation data.
inline constexpr std::size_t kPayloadBytesMax = std::size_t{64} << 20;

enum class ErasureError : std::uint8_t {
    not_enough_validators,  ///< fewer than two
    too_many_validators,
    empty_payload,
    payload_too_large,
    not_enough_chunks,
    uneven_chunks,  ///< empty, of odd length or of unequal lengths
    index_out_of_range,
};
const char* describe(ErasureError error);

/// Chunks that are enough to recover: (n-1)/3 + 1.
std::expected<std::size_t, ErasureError> recovery_threshold(std::size_t validators);
/// First chunks that together are the data: the recovery threshold rounded down to a power of two.
std::expected<std::size_t, ErasureError> systematic_threshold(std::size_t validators);

struct IndexedChunk {
    std::size_t index = 0;
    ByteView bytes;
};

/// The code for one number of validators. Immutable: use it from many threads. Making one costs
/// about 0.1 ms for 1000 validators; keep it for the session.
class ErasureCode {
 public:
    static std::expected<ErasureCode, ErasureError> make(std::size_t validators);
    /// With chosen arithmetic, for tests and benchmarks.
    static std::expected<ErasureCode, ErasureError> make(std::size_t validators,
                                                         const Kernels& kernels);

    std::size_t validators() const { return validators_; }
    std::size_t systematic_threshold() const { return k_; }
    /// Length of each chunk; even.
    std::size_t chunk_bytes(std::size_t payload_bytes) const;

    /// One chunk for each validator.
    std::expected<std::vector<Bytes>, ErasureError> encode(ByteView payload) const;
    /// The payload with its padding of zeros, from any systematic_threshold() chunks or more. Of
    /// chunks with the same index the last counts.
    std::expected<Bytes, ErasureError> reconstruct(std::span<const IndexedChunk> chunks) const;
    /// The same from the first systematic_threshold() chunks in order; more are ignored. Cheap.
    std::expected<Bytes, ErasureError> reconstruct_systematic(
        std::span<const ByteView> chunks) const;

 private:
    ErasureCode(std::size_t validators, std::size_t k, const Kernels& kernels);
    class Strip;
    void forward_transform(Strip& strip, std::size_t first_row, std::size_t size, std::size_t index,
                           std::size_t wanted) const;
    void inverse_transform(Strip& strip, std::size_t size) const;
    void derive(Strip& strip) const;
    std::vector<Multiples> locators(const std::vector<ByteView>& rows) const;
    Bytes decode(const std::vector<ByteView>& rows, std::size_t symbols) const;

    std::size_t validators_;
    std::size_t k_;  ///< data rows, a power of two
    std::size_t n_;  ///< all rows, a power of two, at least 2 * k_
    const Kernels* kernels_;
    std::vector<Multiples> skews_;  ///< the first n_ - 1
};

}  // namespace stipple::crypto::erasure
