#include "crypto/erasure/code.hpp"

#include "base/check.hpp"

#include <bit>
#include <cstdlib>

namespace stipple::crypto::erasure {

namespace {

/// A strip's rows together: about half of a core's second-level cache.
constexpr std::size_t kStripBytes = std::size_t{256} << 10;
constexpr std::size_t kStripSymbolsMax = 512;

std::size_t blocks_up(std::size_t symbols) {
    return (symbols + kBlockSymbols - 1) / kBlockSymbols * kBlockSymbols;
}

std::size_t strip_symbols(std::size_t rows, std::size_t symbols) {
    const std::size_t fitting = kStripBytes / (2 * rows) / kBlockSymbols * kBlockSymbols;
    const std::size_t most = std::clamp(fitting, kBlockSymbols, kStripSymbolsMax);
    return std::min(most, blocks_up(symbols));
}

}  // namespace

const char* describe(ErasureError error) {
    switch (error) {
        case ErasureError::not_enough_validators:
            return "at least two validators are needed";
        case ErasureError::too_many_validators:
            return "more validators than the field has elements";
        case ErasureError::empty_payload:
            return "nothing to encode";
        case ErasureError::payload_too_large:
            return "the payload is too large";
        case ErasureError::not_enough_chunks:
            return "not enough chunks";
        case ErasureError::uneven_chunks:
            return "chunks are empty, of odd length or of unequal lengths";
        case ErasureError::index_out_of_range:
            return "no validator has this chunk index";
    }
    return "unknown";
}

std::expected<std::size_t, ErasureError> recovery_threshold(std::size_t validators) {
    if (validators > kValidatorsMax) {
        return std::unexpected(ErasureError::too_many_validators);
    }
    if (validators < 2) {
        return std::unexpected(ErasureError::not_enough_validators);
    }
    return (validators - 1) / 3 + 1;
}

std::expected<std::size_t, ErasureError> systematic_threshold(std::size_t validators) {
    const auto threshold = recovery_threshold(validators);
    return threshold ? std::expected<std::size_t, ErasureError>(std::bit_floor(*threshold))
                     : threshold;
}

/// Some columns of all rows, packed: what the transform works on.
class ErasureCode::Strip {
 public:
    Strip(std::size_t rows, std::size_t symbols)
        : row_bytes_(2 * symbols), data_(Memory(std::aligned_alloc(32, rows * row_bytes_))) {
        CHECK(data_ != nullptr && symbols % kBlockSymbols == 0);
        clear(0, rows);
    }
    std::uint8_t* row(std::size_t index) { return data_.get() + index * row_bytes_; }
    std::size_t row_bytes() const { return row_bytes_; }
    void clear(std::size_t first, std::size_t count) {
        std::memset(row(first), 0, count * row_bytes_);
    }

 private:
    struct Free {
        void operator()(std::uint8_t* memory) const { std::free(memory); }
    };
    struct Memory : std::unique_ptr<std::uint8_t, Free> {
        explicit Memory(void* raw)
            : std::unique_ptr<std::uint8_t, Free>(static_cast<std::uint8_t*>(raw)) {}
    };
    std::size_t row_bytes_;
    Memory data_;
};

std::expected<ErasureCode, ErasureError> ErasureCode::make(std::size_t validators) {
    return make(validators, best_kernels());
}

std::expected<ErasureCode, ErasureError> ErasureCode::make(std::size_t validators,
                                                           const Kernels& kernels) {
    const auto k = erasure::systematic_threshold(validators);
    if (!k) {
        return std::unexpected(k.error());
    }
    return ErasureCode(validators, *k, kernels);
}

ErasureCode::ErasureCode(std::size_t validators, std::size_t k, const Kernels& kernels)
    : validators_(validators), k_(k), n_(std::bit_ceil(validators)), kernels_(&kernels) {
    CHECK(2 * k_ <= n_);
    skews_.reserve(n_ - 1);
    for (std::size_t i = 0; i + 1 < n_; ++i) {
        skews_.push_back(multiples_of(Field::get().skew(i)));
    }
}

std::size_t ErasureCode::chunk_bytes(std::size_t payload_bytes) const {
    const std::size_t symbols = (payload_bytes + 1) / 2;
    return 2 * ((symbols + k_ - 1) / k_);
}

// Algorithm 1 of the paper on `size` rows from `first_row`, with the points from `index` on. Only
// the first `wanted` results are computed, a power of two.
void ErasureCode::forward_transform(Strip& strip, std::size_t first_row, std::size_t size,
                                    std::size_t index, std::size_t wanted) const {
    const std::size_t bytes = strip.row_bytes();
    for (std::size_t distance = size / 2; distance > 0; distance /= 2) {
        for (std::size_t middle = distance; middle - distance < wanted; middle += 2 * distance) {
            const Multiples& skew = skews_[middle + index - 1];
            const bool lower_half_only = middle >= wanted;
            for (std::size_t i = middle - distance; i < middle; ++i) {
                std::uint8_t* x = strip.row(first_row + i);
                std::uint8_t* y = strip.row(first_row + i + distance);
                if (skew.is_zero) {
                    if (!lower_half_only) {
                        kernels_->add(y, x, bytes);
                    }
                } else if (lower_half_only) {
                    kernels_->add_scaled(x, y, skew, bytes);
                } else {
                    kernels_->forward(x, y, skew, bytes);
                }
            }
        }
    }
}

// Algorithm 2, on the first `size` rows and points.
void ErasureCode::inverse_transform(Strip& strip, std::size_t size) const {
    const std::size_t bytes = strip.row_bytes();
    for (std::size_t distance = 1; distance < size; distance *= 2) {
        for (std::size_t middle = distance; middle < size; middle += 2 * distance) {
            const Multiples& skew = skews_[middle - 1];
            for (std::size_t i = middle - distance; i < middle; ++i) {
                std::uint8_t* x = strip.row(i);
                std::uint8_t* y = strip.row(i + distance);
                if (skew.is_zero) {
                    kernels_->add(y, x, bytes);
                } else {
                    kernels_->inverse(x, y, skew, bytes);
                }
            }
        }
    }
}

std::expected<std::vector<Bytes>, ErasureError> ErasureCode::encode(ByteView payload) const {
    if (payload.empty()) {
        return std::unexpected(ErasureError::empty_payload);
    }
    if (payload.size() > kPayloadBytesMax) {
        return std::unexpected(ErasureError::payload_too_large);
    }
    const std::size_t size = chunk_bytes(payload.size());
    const std::size_t symbols = size / 2;
    std::vector<Bytes> chunks(validators_);
    for (Bytes& chunk : chunks) {
        chunk.resize(size);
    }
    const std::size_t column_bytes = 2 * k_;
    const std::size_t width = strip_symbols(2 * k_, symbols);
    Strip data(k_, width);
    Strip work(k_, width);
    Bytes padded(width * column_bytes);  // the last strip, with zeros behind
    Bytes symbols_out(2 * width);

    const auto put = [&](Strip& strip, std::size_t first_chunk, std::size_t column) {
        const std::size_t count = std::min(2 * width, size - 2 * column);
        for (std::size_t i = 0; i < k_ && first_chunk + i < validators_; ++i) {
            Bytes& chunk = chunks[first_chunk + i];
            if (count == 2 * width) {
                kernels_->to_symbols(chunk.data() + 2 * column, strip.row(i), count);
            } else {
                kernels_->to_symbols(symbols_out.data(), strip.row(i), 2 * width);
                std::memcpy(chunk.data() + 2 * column, symbols_out.data(), count);
            }
        }
    };
    for (std::size_t column = 0; column < symbols; column += width) {
        ByteView part = payload.subspan(column * column_bytes);
        if (part.size() < padded.size()) {
            std::fill(padded.begin(), padded.end(), std::uint8_t{0});
            std::copy(part.begin(), part.end(), padded.begin());
            part = padded;
        }
        for (std::size_t block = 0; block < width; block += kBlockSymbols) {
            const std::uint8_t* columns = part.data() + block * column_bytes;
            if (k_ % 16 == 0) {
                for (std::size_t row = 0; row < k_; row += 16) {
                    kernels_->gather16(data.row(row) + 2 * block, data.row_bytes(),
                                       columns + 2 * row, column_bytes);
                }
                continue;
            }
            for (std::size_t row = 0; row < k_; ++row) {
                std::uint8_t* to = data.row(row) + 2 * block;
                for (std::size_t i = 0; i < kBlockSymbols; ++i) {
                    to[kBlockSymbols + i] = columns[i * column_bytes + 2 * row];
                    to[i] = columns[i * column_bytes + 2 * row + 1];
                }
            }
        }
        put(data, 0, column);
        inverse_transform(data, k_);
        for (std::size_t first = k_; first < validators_; first += k_) {
            std::memcpy(work.row(0), data.row(0), k_ * data.row_bytes());
            forward_transform(work, 0, k_, first, k_);
            put(work, first, column);
        }
    }
    return chunks;
}

std::expected<Bytes, ErasureError> ErasureCode::reconstruct_systematic(
    std::span<const ByteView> chunks) const {
    if (chunks.size() < k_) {
        return std::unexpected(ErasureError::not_enough_chunks);
    }
    chunks = chunks.first(k_);
    const std::size_t size = chunks[0].size();
    for (const ByteView& chunk : chunks) {
        if (chunk.empty() || chunk.size() % 2 != 0 || chunk.size() != size) {
            return std::unexpected(ErasureError::uneven_chunks);
        }
    }
    if (size > kPayloadBytesMax / k_ + 2) {
        return std::unexpected(ErasureError::payload_too_large);
    }
    Bytes payload(size * k_);
    std::uint8_t* to = payload.data();
    for (std::size_t column = 0; column < size; column += 2) {
        for (const ByteView& chunk : chunks) {
            *to++ = chunk[column];
            *to++ = chunk[column + 1];
        }
    }
    return payload;
}

std::expected<Bytes, ErasureError> ErasureCode::reconstruct(
    std::span<const IndexedChunk> chunks) const {
    std::vector<ByteView> rows(n_);
    std::size_t size = 0;
    for (const IndexedChunk& chunk : chunks) {
        if (chunk.index >= validators_) {
            return std::unexpected(ErasureError::index_out_of_range);
        }
        size = size == 0 ? chunk.bytes.size() : size;
        if (chunk.bytes.empty() || chunk.bytes.size() % 2 != 0 || chunk.bytes.size() != size) {
            return std::unexpected(ErasureError::uneven_chunks);
        }
        rows[chunk.index] = chunk.bytes;
    }
    if (size > kPayloadBytesMax / k_ + 2) {
        return std::unexpected(ErasureError::payload_too_large);
    }
    const auto present = [](const ByteView& row) { return !row.empty(); };
    const auto count = std::count_if(rows.begin(), rows.end(), present);
    if (static_cast<std::size_t>(count) < k_) {
        return std::unexpected(ErasureError::not_enough_chunks);
    }
    const auto data_end = rows.begin() + static_cast<std::ptrdiff_t>(k_);
    if (std::all_of(rows.begin(), data_end, present)) {
        return reconstruct_systematic(std::span<const ByteView>(rows).first(k_));
    }
    return decode(rows, size / 2);
}

namespace {

/// Walsh-Hadamard transform modulo the order of the group.
void walsh(std::vector<std::uint32_t>& values) {
    for (std::size_t distance = 1; distance < values.size(); distance *= 2) {
        for (std::size_t start = 0; start < values.size(); start += 2 * distance) {
            for (std::size_t i = start; i < start + distance; ++i) {
                const std::uint32_t a = values[i];
                const std::uint32_t b = values[i + distance];
                values[i] = (a + b) % kOrder;
                values[i + distance] = (a + kOrder - b) % kOrder;
            }
        }
    }
}

}  // namespace

// For a row that is there, the error locator polynomial's value at its point; for a missing one,
// the inverse of the derivative's value. Both are products over the missing points j of (i + j), so
// their logarithms are a convolution over XOR: two Walsh transforms of n values, where only points
// below n matter. Division by n = 2^m is a multiplication with 2^(16-m), as 2^16 = 1 modulo the
// order.
std::vector<Multiples> ErasureCode::locators(const std::vector<ByteView>& rows) const {
    const Field& field = Field::get();
    std::vector<std::uint32_t> missing(n_);
    std::vector<std::uint32_t> logs(n_);
    for (std::size_t i = 0; i < n_; ++i) {
        missing[i] = rows[i].empty() ? 1 : 0;
        logs[i] = i == 0 ? 0 : field.log(static_cast<Element>(i));
    }
    walsh(missing);
    walsh(logs);
    const auto by_n = static_cast<std::uint64_t>(kFieldSize / n_);
    for (std::size_t i = 0; i < n_; ++i) {
        const std::uint64_t product = std::uint64_t{missing[i]} * logs[i] % kOrder;
        missing[i] = static_cast<std::uint32_t>(product * by_n % kOrder);
    }
    walsh(missing);
    std::vector<Multiples> made;
    made.reserve(n_);
    for (std::size_t i = 0; i < n_; ++i) {
        const std::uint32_t exponent = rows[i].empty() ? kOrder - missing[i] : missing[i];
        // Missing parity rows are zero before and not wanted after.
        made.push_back(rows[i].empty() && i >= k_ ? Multiples{}
                                                  : multiples_of(field.exp(exponent)));
    }
    return made;
}

/// Formal derivative in the novel basis.
void ErasureCode::derive(Strip& strip) const {
    for (std::size_t i = 1; i < n_; ++i) {
        const std::size_t length = i & (~i + 1);
        // Rows i-length … i-1 and the same number behind them lie next to each other.
        kernels_->add(strip.row(i - length), strip.row(i), length * strip.row_bytes());
    }
}

Bytes ErasureCode::decode(const std::vector<ByteView>& rows, std::size_t symbols) const {
    const std::vector<Multiples> locator = locators(rows);
    const std::size_t width = strip_symbols(n_, symbols);
    Strip strip(n_, width);
    Bytes part(2 * width);
    Bytes payload(2 * symbols * k_);
    for (std::size_t column = 0; column < symbols; column += width) {
        const std::size_t count = std::min(width, symbols - column);
        for (std::size_t i = 0; i < n_; ++i) {
            if (rows[i].empty()) {
                strip.clear(i, 1);
                continue;
            }
            const std::uint8_t* from = rows[i].data() + 2 * column;
            if (count < width) {
                std::fill(part.begin(), part.end(), std::uint8_t{0});
                std::memcpy(part.data(), from, 2 * count);
                from = part.data();
            }
            kernels_->from_symbols(strip.row(i), from, 2 * width);
            kernels_->scale(strip.row(i), locator[i], strip.row_bytes());
        }
        inverse_transform(strip, n_);
        derive(strip);
        forward_transform(strip, 0, n_, 0, k_);
        for (std::size_t i = 0; i < k_; ++i) {
            const std::uint8_t* from = part.data();
            if (rows[i].empty()) {
                kernels_->scale(strip.row(i), locator[i], strip.row_bytes());
                kernels_->to_symbols(part.data(), strip.row(i), 2 * width);
            } else {
                from = rows[i].data() + 2 * column;
            }
            std::uint8_t* to = payload.data() + 2 * (column * k_ + i);
            for (std::size_t j = 0; j < count; ++j, to += 2 * k_) {
                to[0] = from[2 * j];
                to[1] = from[2 * j + 1];
            }
        }
    }
    return payload;
}

}  // namespace stipple::crypto::erasure
