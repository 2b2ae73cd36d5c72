#include "base/memory_files.hpp"

namespace stipple {

namespace {

const char* const kPowerCut = "power cut";

}  // namespace

bool MemoryFiles::count_operation() {
    ++operations_;
    if (!operations_left_) {
        return false;
    }
    if (*operations_left_ == 0) {
        return true;
    }
    --*operations_left_;
    return false;
}

Result<std::vector<std::string>> MemoryFiles::list() const {
    std::vector<std::string> names;
    names.reserve(files_.size());
    for (const auto& [name, file] : files_) {
        names.push_back(name);
    }
    return names;
}

Result<std::optional<Bytes>> MemoryFiles::read(std::string_view name, std::size_t bytes_max) const {
    const auto found = files_.find(name);
    if (found == files_.end()) {
        return std::nullopt;
    }
    Bytes content = found->second.durable;
    stipple::append(content, found->second.pending);
    if (content.size() > bytes_max) {
        return fail("longer than " + std::to_string(bytes_max) + " bytes");
    }
    return content;
}

Result<> MemoryFiles::replace(std::string_view name, ByteView content) {
    const bool failing = count_operation();
    if (failing && prng_.chance(1, 2)) {
        return fail(kPowerCut);  // before the rename
    }
    files_.insert_or_assign(std::string(name), File{to_bytes(content), {}});
    if (failing) {
        return fail(kPowerCut);  // after it
    }
    return {};
}

Result<> MemoryFiles::append(std::string_view name, ByteView more) {
    const bool failing = count_operation();
    const std::size_t count = failing ? prng_.below(more.size() + 1) : more.size();
    stipple::append(files_[std::string(name)].pending, more.first(count));
    if (failing) {
        return fail(kPowerCut);
    }
    return {};
}

Result<> MemoryFiles::sync(std::string_view name) {
    if (count_operation()) {
        return fail(kPowerCut);
    }
    File& file = files_[std::string(name)];
    stipple::append(file.durable, file.pending);
    file.pending.clear();
    return {};
}

void MemoryFiles::crash() {
    operations_left_.reset();
    for (auto& [name, file] : files_) {
        const std::size_t kept = prng_.below(file.pending.size() + 1);
        stipple::append(file.durable, ByteView(file.pending).first(kept));
        file.pending.clear();
    }
}

}  // namespace stipple
