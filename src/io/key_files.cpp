#include "io/key_files.hpp"

#include "base/check.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace stipple::io {

namespace {

constexpr mode_t kPrivateFile = 0600;
constexpr mode_t kPrivateDirectory = 0700;
constexpr std::string_view kTemporarySuffix = ".new";

std::unexpected<Error> os_error(const std::string& path) {
    return fail(path + ": " + std::generic_category().message(errno));
}

/// An open file, closed when it goes.
class File {
 public:
    File(const std::string& path, int flags)
        : descriptor_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, kPrivateFile)) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }
    bool is_open() const { return descriptor_ >= 0; }
    int get() const { return descriptor_; }

    bool write_all(ByteView bytes) const {
        while (!bytes.empty()) {
            const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
            if (count < 0) {
                if (errno == EINTR) {
                    continue;
                }
                return false;
            }
            bytes = bytes.subspan(static_cast<std::size_t>(count));
        }
        return true;
    }

 private:
    int descriptor_;
};

}  // namespace

Result<KeyFiles> KeyFiles::open(std::string directory) {
    std::error_code error;
    const std::filesystem::path path(directory);
    if (path.has_parent_path()) {
        std::filesystem::create_directories(path.parent_path(), error);
    }
    if (error || (::mkdir(directory.c_str(), kPrivateDirectory) != 0 && errno != EEXIST)) {
        return fail(directory + ": cannot make the directory: " +
                    (error ? error.message() : std::generic_category().message(errno)));
    }
    if (!std::filesystem::is_directory(path, error)) {
        return fail(directory + ": not a directory");
    }
    return KeyFiles(std::move(directory));
}

Result<> KeyFiles::lock() {
    const std::string path = path_of("lock");
    auto file = std::make_shared<const File>(path, O_RDWR | O_CREAT);
    if (!file->is_open()) {
        return os_error(path);
    }
    if (::flock(file->get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            return fail(directory_ + ": another process uses it; stop it first");
        }
        return os_error(path);
    }
    lock_ = std::move(file);
    return {};
}

std::string KeyFiles::path_of(std::string_view name) const {
    CHECK(!name.empty() && name.find('/') == std::string_view::npos);
    return directory_ + "/" + std::string(name);
}

Result<std::vector<std::string>> KeyFiles::list() const {
    std::error_code error;
    std::vector<std::string> names;
    std::filesystem::directory_iterator entry(directory_, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        std::error_code ignored;
        if (entry->is_regular_file(ignored)) {
            names.push_back(entry->path().filename().string());
        }
    }
    if (error) {
        return fail(directory_ + ": " + error.message());
    }
    std::sort(names.begin(), names.end());
    return names;
}

Result<std::optional<Bytes>> KeyFiles::read(std::string_view name, std::size_t bytes_max) const {
    const std::string path = path_of(name);
    const File file(path, O_RDONLY);
    if (!file.is_open()) {
        if (errno == ENOENT) {
            return std::nullopt;
        }
        return os_error(path);
    }
    struct stat facts{};
    if (::fstat(file.get(), &facts) != 0) {
        return os_error(path);
    }
    if (!S_ISREG(facts.st_mode)) {
        return fail(path + ": not a plain file");
    }
    if (static_cast<std::uint64_t>(facts.st_size) > bytes_max) {
        return fail(path + ": longer than " + std::to_string(bytes_max) + " bytes");
    }
    Bytes content(static_cast<std::size_t>(facts.st_size));
    std::size_t done = 0;
    while (done < content.size()) {
        const ssize_t count = ::read(file.get(), content.data() + done, content.size() - done);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return os_error(path);
        }
        if (count == 0) {
            return fail(path + ": became shorter while it was read");
        }
        done += static_cast<std::size_t>(count);
    }
    return content;
}

Result<> KeyFiles::replace(std::string_view name, ByteView content) {
    const std::string path = path_of(name);
    const std::string temporary = path + std::string(kTemporarySuffix);
    if (::unlink(temporary.c_str()) != 0 && errno != ENOENT) {
        return os_error(temporary);
    }
    {
        const File file(temporary, O_WRONLY | O_CREAT | O_EXCL);
        if (!file.is_open() || !file.write_all(content) || ::fsync(file.get()) != 0) {
            return os_error(temporary);
        }
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        return os_error(path);
    }
    return sync_directory();
}

Result<> KeyFiles::append(std::string_view name, ByteView more) {
    const std::string path = path_of(name);
    const File file(path, O_WRONLY | O_APPEND);
    if (!file.is_open() || !file.write_all(more)) {
        return os_error(path);
    }
    return {};
}

Result<> KeyFiles::sync(std::string_view name) {
    const std::string path = path_of(name);
    const File file(path, O_WRONLY);
    if (!file.is_open() || ::fsync(file.get()) != 0) {
        return os_error(path);
    }
    return {};
}

Result<> KeyFiles::sync_directory() const {
    const File directory(directory_, O_RDONLY | O_DIRECTORY);
    if (!directory.is_open() || ::fsync(directory.get()) != 0) {
        return os_error(directory_);
    }
    return {};
}

}  // namespace stipple::io
