#include "io/database/database.hpp"

#include "base/check.hpp"
#include "io/database/fault_file_system.hpp"
#include "io/database/options.hpp"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>

namespace stipple::io {
namespace {

rocksdb::Slice slice(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
ByteView view(const rocksdb::Slice& bytes) {
    return as_bytes({bytes.data(), bytes.size()});
}

constexpr std::string_view kFormatKey = "database/format";
constexpr std::string_view kGenesisKey = "database/genesis";

}  // namespace

/// The open RocksDB, shared by the Database, its snapshots and iterators: it closes after the last.
class Database::Inner {
 public:
    std::filesystem::path path;
    std::shared_ptr<HistoryFloor> floor = std::make_shared<HistoryFloor>(0);
    std::shared_ptr<rocksdb::Cache> cache;
    std::unique_ptr<rocksdb::Env> env;  // only over a FaultFileSystem
    std::unique_ptr<rocksdb::DB> db;
    std::array<rocksdb::ColumnFamilyHandle*, kColumnCount> columns{};
    rocksdb::ColumnFamilyHandle* default_column = nullptr;

    Inner() = default;
    Inner(const Inner&) = delete;
    Inner& operator=(const Inner&) = delete;
    ~Inner() {
        if (db == nullptr) {
            return;
        }
        for (auto* column : columns) {
            db->DestroyColumnFamilyHandle(column).PermitUncheckedError();
        }
        db->DestroyColumnFamilyHandle(default_column).PermitUncheckedError();
        db->Close().PermitUncheckedError();
    }

    rocksdb::ColumnFamilyHandle* handle(Column column) const {
        const auto index = static_cast<std::size_t>(column);
        CHECK(index < kColumnCount);
        return columns[index];
    }

    std::string where(Column column, std::string_view action) const {
        return fmt::format("database {}: column {}: {}", path.string(), column_name(column),
                           action);
    }

    Result<std::optional<Bytes>> get(Column column, ByteView key,
                                     rocksdb::ReadOptions options) const {
        rocksdb::PinnableSlice found;
        auto status = db->Get(options, handle(column), slice(key), &found);
        if (status.IsMemoryLimit() || status.IsIncomplete()) {
            // The strict cache had no room for the block: read past it.
            options.fill_cache = false;
            found.Reset();
            status = db->Get(options, handle(column), slice(key), &found);
        }
        if (status.IsNotFound()) {
            return std::nullopt;
        }
        if (!status.ok()) {
            return fail(fmt::format("{}: {}", where(column, "read"), status.ToString()));
        }
        return to_bytes(view(found));
    }
};

namespace {

constexpr std::size_t kNumberBytes = 8;

/// Whether the bounds hold the versions of one key in a history column: the key with a number, and
/// with the greatest one. Only then the filters over keys without their numbers may answer. RocksDB
/// would guess it from bounds that differ in their last eight bytes alone; those of a range of keys
/// may too, and the filter of a "key" that nobody wrote says that nothing is there.
bool are_versions(ByteView lower, ByteView upper) {
    return lower.size() == upper.size() && upper.size() > kNumberBytes &&
           load_be<std::uint64_t>(upper.last(kNumberBytes)) == UINT64_MAX &&
           equal(lower.first(lower.size() - kNumberBytes),
                 upper.first(upper.size() - kNumberBytes));
}

class Iterator final : public StoreIterator {
 public:
    Iterator(std::shared_ptr<const void> owner, Bytes lower, Bytes upper)
        : owner_(std::move(owner)), lower_(std::move(lower)), upper_(std::move(upper)) {}

    rocksdb::ReadOptions options(const rocksdb::Snapshot* snapshot) {
        rocksdb::ReadOptions options;
        options.snapshot = snapshot;
        options.auto_prefix_mode = are_versions(lower_, upper_);
        options.total_order_seek = !options.auto_prefix_mode;
        lower_slice_ = slice(lower_);
        upper_slice_ = slice(upper_);
        if (!lower_.empty()) {
            options.iterate_lower_bound = &lower_slice_;
        }
        if (!upper_.empty()) {
            options.iterate_upper_bound = &upper_slice_;
        }
        return options;
    }
    void start(rocksdb::Iterator* at, std::string where) {
        at_.reset(at);
        where_ = std::move(where);
    }

    void seek(ByteView key) override { at_->Seek(slice(key)); }
    void seek_for_prev(ByteView key) override { at_->SeekForPrev(slice(key)); }
    bool valid() const override { return at_->Valid(); }
    void next() override {
        CHECK(valid());
        at_->Next();
    }
    void prev() override {
        CHECK(valid());
        at_->Prev();
    }
    ByteView key() const override { return view(at_->key()); }
    ByteView value() const override { return view(at_->value()); }
    Result<> status() const override {
        const auto status = at_->status();
        if (!status.ok()) {
            return fail(fmt::format("{}: {}", where_, status.ToString()));
        }
        return {};
    }

 private:
    std::shared_ptr<const void> owner_;  // the database or snapshot this walks; closes after at_
    Bytes lower_;
    Bytes upper_;
    rocksdb::Slice lower_slice_;
    rocksdb::Slice upper_slice_;
    std::string where_;
    std::unique_ptr<rocksdb::Iterator> at_;
};

template <class Inner>
std::unique_ptr<StoreIterator> make_iterator(const Inner& inner, std::shared_ptr<const void> owner,
                                             const rocksdb::Snapshot* snapshot, Column column,
                                             ByteView lower, ByteView upper) {
    auto iterator = std::make_unique<Iterator>(std::move(owner), to_bytes(lower), to_bytes(upper));
    const auto options = iterator->options(snapshot);
    iterator->start(inner.db->NewIterator(options, inner.handle(column)),
                    inner.where(column, "iterate"));
    return iterator;
}

template <class Inner>
class Snapshot final : public StoreReader, public std::enable_shared_from_this<Snapshot<Inner>> {
 public:
    explicit Snapshot(std::shared_ptr<Inner> inner)
        : inner_(std::move(inner)), at_(inner_->db->GetSnapshot()) {}
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    ~Snapshot() override { inner_->db->ReleaseSnapshot(at_); }

    Result<std::optional<Bytes>> get(Column column, ByteView key) const override {
        rocksdb::ReadOptions options;
        options.snapshot = at_;
        return inner_->get(column, key, options);
    }
    std::unique_ptr<StoreIterator> iterate(Column column, ByteView lower,
                                           ByteView upper) const override {
        return make_iterator(*inner_, this->shared_from_this(), at_, column, lower, upper);
    }

 private:
    std::shared_ptr<Inner> inner_;
    const rocksdb::Snapshot* at_;
};

OpenError open_error(const std::filesystem::path& path, const rocksdb::Status& status) {
    const std::string text = status.ToString();
    const auto says = [&](std::string_view part) { return text.find(part) != std::string::npos; };
    const auto error = [&](OpenFailure kind, std::string_view advice) {
        return OpenError{kind, fmt::format("database {}: {}: {}", path.string(), advice, text)};
    };
    if (status.IsIOError() && (says("lock hold by current process") || says("While lock file"))) {
        if (!says("Permission denied") && !says("No space") && !says("Read-only")) {
            return error(OpenFailure::locked, "another process has it open; stop it first");
        }
    }
    if (status.IsInvalidArgument() && says("Column families not opened")) {
        return error(OpenFailure::newer_format,
                     "it has columns this version does not know; use a newer version");
    }
    if (status.IsInvalidArgument() && says("does not exist")) {
        return error(OpenFailure::missing, "there is no database here");
    }
    if (status.IsCorruption() || status.IsInvalidArgument() || status.IsNotSupported()) {
        return error(OpenFailure::damaged,
                     "it is damaged; restore a copy, or `purge-chain` and sync again");
    }
    return error(OpenFailure::unavailable, "cannot open it");
}

using Handles = std::vector<rocksdb::ColumnFamilyHandle*>;

/// Makes all columns of a fresh database in one go. Left to itself DB::Open creates missing ones
/// one by one, and writes and syncs the file of options after each.
rocksdb::Status create_columns(const rocksdb::Options& options, const std::string& path,
                               std::vector<rocksdb::ColumnFamilyDescriptor> families,
                               Handles* handles, rocksdb::DB** db) {
    const auto fallback = families.front();
    families.erase(families.begin());
    auto status = rocksdb::DB::Open(options, path, {fallback}, handles, db);
    if (!status.ok()) {
        return status;
    }
    Handles made;
    status = (*db)->CreateColumnFamilies(families, &made);
    handles->insert(handles->end(), made.begin(), made.end());
    if (!status.ok()) {
        for (auto* handle : *handles) {
            (*db)->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
        }
        (*db)->Close().PermitUncheckedError();
        delete *db;
        *db = nullptr;
    }
    return status;
}

std::vector<rocksdb::ColumnFamilyDescriptor> descriptors(
    const std::shared_ptr<rocksdb::Cache>& cache, const std::shared_ptr<HistoryFloor>& floor) {
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    rocksdb::ColumnFamilyOptions unused;
    unused.write_buffer_size = 64 << 10;
    families.emplace_back(rocksdb::kDefaultColumnFamilyName, unused);
    for (std::size_t i = 0; i < kColumnCount; ++i) {
        const auto column = static_cast<Column>(i);
        families.emplace_back(column_name(column), column_options(column, cache, floor));
    }
    return families;
}

/// Writes the format on a fresh database, refuses another one.
std::expected<void, OpenError> check_format(Database& database) {
    const auto refuse = [&](OpenFailure kind, std::string message) {
        return std::unexpected(
            OpenError{kind, fmt::format("database {}: {}", database.path().string(), message)});
    };
    const auto row = database.get(Column::meta, as_bytes(kFormatKey));
    if (!row) {
        return refuse(OpenFailure::damaged, row.error().message());
    }
    if (!*row) {
        WriteBatch batch;
        Bytes format;
        append_le(format, kDatabaseFormat);
        batch.put(Column::meta, to_bytes(kFormatKey), std::move(format));
        if (const auto done = database.commit(batch, Durability::synced); !done) {
            return refuse(OpenFailure::unavailable, done.error().message());
        }
        return {};
    }
    if ((*row)->size() != sizeof(kDatabaseFormat)) {
        return refuse(OpenFailure::damaged, "its format row is malformed");
    }
    const auto format = load_le<std::uint32_t>(**row);
    if (format > kDatabaseFormat) {
        return refuse(OpenFailure::newer_format,
                      fmt::format("format {} is newer than {}, which this version writes; use a "
                                  "newer version",
                                  format, kDatabaseFormat));
    }
    if (format < kDatabaseFormat) {
        return refuse(OpenFailure::older_format,
                      fmt::format("format {} is older than {}, which this version reads; "
                                  "`purge-chain` and sync again, or use an older version",
                                  format, kDatabaseFormat));
    }
    return {};
}

}  // namespace

std::expected<std::unique_ptr<Database>, OpenError> open_database(const std::filesystem::path& path,
                                                                  const DatabaseOptions& options) {
    auto inner = std::make_shared<Database::Inner>();
    inner->path = path;
    const std::size_t cache_bytes = std::max(options.cache_bytes, kCacheBytesMin);
    rocksdb::LRUCacheOptions cache;
    cache.capacity = cache_bytes;
    cache.strict_capacity_limit = true;
    cache.num_shard_bits = 4;
    inner->cache = rocksdb::NewLRUCache(cache);
    const auto buffers =
        std::make_shared<rocksdb::WriteBufferManager>(cache_bytes / 4, inner->cache);
    auto db_options = database_options(options.create, buffers);
    if (options.file_system != nullptr) {
        inner->env = make_fault_env(*options.file_system);
        db_options.env = inner->env.get();
    } else if (options.create) {
        std::error_code ignored;  // RocksDB makes the last directory and reports what fails
        std::filesystem::create_directories(path, ignored);
    }

    Handles handles;
    rocksdb::DB* db = nullptr;
    const rocksdb::Options all(db_options, {});
    auto families = descriptors(inner->cache, inner->floor);
    // A first start that was cut short left some columns: then DB::Open adds what is missing.
    const bool fresh =
        options.create && db_options.env->FileExists(path.string() + "/CURRENT").IsNotFound();
    const auto status = fresh
                            ? create_columns(all, path.string(), std::move(families), &handles, &db)
                            : rocksdb::DB::Open(all, path.string(), families, &handles, &db);
    if (!status.ok()) {
        return std::unexpected(open_error(path, status));
    }
    inner->db.reset(db);
    CHECK(handles.size() == kColumnCount + 1);
    inner->default_column = handles[0];
    std::copy(handles.begin() + 1, handles.end(), inner->columns.begin());
    std::unique_ptr<Database> database(new Database(std::move(inner)));
    TRY(check_format(*database));
    return database;
}

Database::Database(std::shared_ptr<Inner> inner) : inner_(std::move(inner)) {}
Database::~Database() = default;

Result<std::optional<Bytes>> Database::get(Column column, ByteView key) const {
    return inner_->get(column, key, {});
}

std::unique_ptr<StoreIterator> Database::iterate(Column column, ByteView lower,
                                                 ByteView upper) const {
    return make_iterator(*inner_, inner_, nullptr, column, lower, upper);
}

Result<> Database::commit(const WriteBatch& batch, Durability durability) {
    if (batch.empty()) {
        return durability == Durability::synced ? sync() : Result<>();
    }
    rocksdb::WriteBatch out(batch.size_bytes() + 16 * batch.ops().size());
    rocksdb::Status status;
    Column column = Column::meta;
    for (const auto& op : batch.ops()) {
        if (const auto* put = std::get_if<PutOp>(&op)) {
            column = put->column;
            status = out.Put(inner_->handle(column), slice(put->key), slice(put->value));
        } else if (const auto* erase = std::get_if<EraseOp>(&op)) {
            column = erase->column;
            status = out.Delete(inner_->handle(column), slice(erase->key));
        } else {
            const auto& range = std::get<EraseRangeOp>(op);
            column = range.column;
            if (compare(range.first, range.last) < 0) {
                status =
                    out.DeleteRange(inner_->handle(column), slice(range.first), slice(range.last));
            }
        }
        if (!status.ok()) {
            return fail(fmt::format("{}: {}", inner_->where(column, "batch"), status.ToString()));
        }
    }
    rocksdb::WriteOptions options;
    options.sync = durability == Durability::synced;
    status = inner_->db->Write(options, &out);
    if (!status.ok() && inner_->db->Resume().ok()) {
        // After a failed write RocksDB refuses further ones until told to look again. (After a full
        // disk it looks by itself every few seconds, and this says busy meanwhile.)
        status = inner_->db->Write(options, &out);
    }
    if (!status.ok()) {
        return fail(fmt::format("{}: {} rows: {}", inner_->where(column, "write"),
                                batch.ops().size(), status.ToString()));
    }
    return {};
}

std::shared_ptr<const StoreReader> Database::snapshot() const {
    return std::make_shared<Snapshot<Inner>>(inner_);
}

void Database::set_history_floor(std::uint64_t floor) {
    auto seen = inner_->floor->load();
    while (seen < floor && !inner_->floor->compare_exchange_weak(seen, floor)) {
    }
}

Result<> Database::check_genesis(ByteView genesis_hash) {
    TRY_ASSIGN(const auto row, get(Column::meta, as_bytes(kGenesisKey)));
    if (!row) {
        WriteBatch batch;
        batch.put(Column::meta, to_bytes(kGenesisKey), to_bytes(genesis_hash));
        return commit(batch, Durability::synced);
    }
    if (!equal(*row, genesis_hash)) {
        return fail(
            fmt::format("database {}: it holds the chain with genesis {}, not {}; choose "
                        "another base path or `purge-chain`",
                        inner_->path.string(), to_hex0x(*row), to_hex0x(genesis_hash)));
    }
    return {};
}

Result<> Database::compact(Column column) {
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
    const auto status = inner_->db->CompactRange(options, inner_->handle(column), nullptr, nullptr);
    if (!status.ok()) {
        return fail(fmt::format("{}: {}", inner_->where(column, "compact"), status.ToString()));
    }
    return {};
}

Result<> Database::sync() {
    const auto status = inner_->db->SyncWAL();
    if (!status.ok()) {
        return fail(fmt::format("database {}: sync: {}", inner_->path.string(), status.ToString()));
    }
    return {};
}

std::uint64_t Database::column_bytes(Column column) const {
    std::uint64_t bytes = 0;
    inner_->db->GetIntProperty(inner_->handle(column), rocksdb::DB::Properties::kLiveSstFilesSize,
                               &bytes);
    return bytes;
}

std::uint64_t Database::memory_bytes() const {
    return inner_->cache->GetUsage();
}

const std::filesystem::path& Database::path() const {
    return inner_->path;
}

}  // namespace stipple::io
