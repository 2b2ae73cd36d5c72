#include "executor/code_cache.hpp"

#include "crypto/hash.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace stipple::executor {
namespace {

constexpr std::array<std::uint8_t, 8> kMagic = {'S', 't', 'i', 'p', 'w', 'a', 's', '1'};
constexpr std::size_t kHeadBytes = kMagic.size() + crypto::Hash256::kSize;
/// More than any compiled runtime: a larger file is not ours.
constexpr std::size_t kFileBytesMax = 1024U * 1024 * 1024;

class File {
 public:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }
    bool is_open() const { return descriptor_ >= 0; }
    int get() const { return descriptor_; }

 private:
    int descriptor_;
};

std::optional<Bytes> read_whole(int descriptor) {
    struct stat status{};
    if (::fstat(descriptor, &status) != 0 || status.st_uid != ::geteuid() ||
        (status.st_mode & (S_IWGRP | S_IWOTH)) != 0 ||
        static_cast<std::size_t>(status.st_size) > kFileBytesMax) {
        return std::nullopt;
    }
    Bytes bytes(static_cast<std::size_t>(status.st_size));
    for (std::size_t had = 0; had < bytes.size();) {
        const ssize_t got = ::read(descriptor, bytes.data() + had, bytes.size() - had);
        if (got <= 0) {
            return std::nullopt;
        }
        had += static_cast<std::size_t>(got);
    }
    return bytes;
}
bool write_whole(int descriptor, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(descriptor, bytes.data(), bytes.size());
        if (put <= 0) {
            return false;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return true;
}

}  // namespace

CodeCache::CodeCache(std::filesystem::path directory) : directory_(std::move(directory)) {}

std::filesystem::path CodeCache::path_of(const CodeCacheKey& key) const {
    Bytes all = to_bytes(key.code);
    append_le(all, key.heap.extra);
    append_le(all, key.heap.max);
    append(all, as_bytes(key.fingerprint));
    return directory_ / (to_hex(crypto::blake2b_256(all)) + ".compiled");
}

std::optional<Bytes> CodeCache::load(const CodeCacheKey& key) const {
    if (directory_.empty()) {
        return std::nullopt;
    }
    const File file(::open(path_of(key).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file.is_open()) {
        return std::nullopt;
    }
    auto bytes = read_whole(file.get());
    if (!bytes || bytes->size() < kHeadBytes || !starts_with(*bytes, kMagic)) {
        return std::nullopt;
    }
    const ByteView checksum = ByteView(*bytes).subspan(kMagic.size(), crypto::Hash256::kSize);
    if (!equal(checksum, crypto::blake2b_256(ByteView(*bytes).subspan(kHeadBytes)))) {
        return std::nullopt;
    }
    bytes->erase(bytes->begin(), bytes->begin() + kHeadBytes);
    return bytes;
}

Result<> CodeCache::store(const CodeCacheKey& key, ByteView compiled) const {
    if (directory_.empty()) {
        return {};
    }
    std::error_code error;
    std::filesystem::create_directories(directory_, error);
    const auto path = path_of(key);
    // Under another name first, so that a half written file never has the right one.
    const std::string pattern = path.string() + ".XXXXXX";
    std::vector<char> name(pattern.begin(), pattern.end());
    name.push_back('\0');
    const File file(::mkostemp(name.data(), O_CLOEXEC));  // made with mode 0600
    if (!file.is_open()) {
        return fail(fmt::format("{}: {}", path.string(), std::strerror(errno)));
    }
    Bytes head = to_bytes(kMagic);
    append(head, crypto::blake2b_256(compiled));
    if (!write_whole(file.get(), head) || !write_whole(file.get(), compiled) ||
        ::rename(name.data(), path.c_str()) != 0) {
        const std::string reason = std::strerror(errno);
        ::unlink(name.data());
        return fail(fmt::format("{}: {}", path.string(), reason));
    }
    return {};
}

}  // namespace stipple::executor
