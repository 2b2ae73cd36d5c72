#include "io/database/database.hpp"

#include "io/database/fault_file_system.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <thread>

namespace stipple::io {
namespace {

Bytes key_of(std::uint64_t n) {
    Bytes key;
    append_be(key, n);
    return key;
}

using stipple::testing::TemporaryFolder;

std::unique_ptr<Database> open_over(FaultFileSystem& files) {
    auto database = open_database("/db", {.file_system = &files});
    EXPECT_TRUE(database.has_value()) << (database ? "" : database.error().message);
    return database ? std::move(*database) : nullptr;
}

void put(WriteBatch& batch, Column column, std::uint64_t key, Bytes value) {
    batch.put(column, key_of(key), std::move(value));
}

TEST(Database, keeps_what_was_written_across_reopening) {
    const TemporaryFolder folder;
    {
        auto database = open_database(folder.path() / "db", {});
        ASSERT_TRUE(database) << database.error().message;
        WriteBatch batch;
        put(batch, Column::values, 1, {1, 2, 3});
        put(batch, Column::headers, 1, {4});
        batch.erase(Column::headers, key_of(1));
        ASSERT_TRUE((*database)->commit(batch, Durability::buffered));
    }
    auto database = open_database(folder.path() / "db", {.create = false});
    ASSERT_TRUE(database) << database.error().message;
    EXPECT_EQ(*(*database)->get(Column::values, key_of(1)), (Bytes{1, 2, 3}));
    EXPECT_EQ(*(*database)->get(Column::headers, key_of(1)), std::nullopt);
}

/// Bounds that differ in their last eight bytes alone need not be the versions of one key.
TEST(Database, finds_history_rows_between_any_bounds_once_they_are_in_tables) {
    const TemporaryFolder folder;
    const auto database = open_database(folder.path(), {});
    ASSERT_TRUE(database) << database.error().message;
    const Bytes prefix(20, 7);
    Bytes end = prefix;
    ++end.back();
    Bytes row = prefix;
    append(row, Bytes{'k', 'e', 'y', 0, 0});
    const auto version = [](Bytes key, std::uint64_t number) {
        append_be(key, number);
        return key;
    };
    WriteBatch batch;
    for (std::uint64_t number = 5; number < 8; ++number) {
        batch.put(Column::value_history, version(row, number), {1});
    }
    ASSERT_TRUE((*database)->commit(batch, Durability::buffered));
    ASSERT_TRUE((*database)->compact(Column::value_history));

    const auto count = [](const StoreReader& reader, const Bytes& from, const Bytes& to) {
        int found = 0;
        const auto walk = reader.iterate(Column::value_history, from, to);
        for (walk->seek(from); walk->valid(); walk->next()) {
            ++found;
        }
        EXPECT_TRUE(walk->status());
        return found;
    };
    const auto snapshot = (*database)->snapshot();
    for (const StoreReader* reader :
         {static_cast<const StoreReader*>(database->get()), snapshot.get()}) {
        EXPECT_EQ(count(*reader, prefix, end), 3);
        EXPECT_EQ(count(*reader, version(row, 6), version(row, UINT64_MAX)), 2);
        EXPECT_EQ(count(*reader, version(prefix, 0), version(prefix, UINT64_MAX)), 0);
    }
}

TEST(Database, says_why_it_does_not_open) {
    const TemporaryFolder folder;
    const auto missing = open_database(folder.path() / "none", {.create = false});
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, OpenFailure::missing) << missing.error().message;

    auto first = open_database(folder.path(), {});
    ASSERT_TRUE(first);
    const auto second = open_database(folder.path(), {});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, OpenFailure::locked) << second.error().message;
    EXPECT_NE(second.error().message.find(folder.path().string()), std::string::npos);

    first->reset();
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        if (entry.path().filename().string().starts_with("MANIFEST")) {
            std::filesystem::resize_file(entry.path(), 10);
        }
    }
    const auto damaged = open_database(folder.path(), {});
    ASSERT_FALSE(damaged);
    EXPECT_EQ(damaged.error().kind, OpenFailure::damaged) << damaged.error().message;
}

TEST(Database, refuses_another_format_with_advice) {
    for (const int difference : {-1, 1}) {
        FaultFileSystem files;
        WriteBatch batch;
        Bytes format;
        append_le(format, static_cast<std::uint32_t>(int{kDatabaseFormat} + difference));
        batch.put(Column::meta, to_bytes("database/format"), std::move(format));
        ASSERT_TRUE(open_over(files)->commit(batch, Durability::synced));
        const auto opened = open_database("/db", {.file_system = &files});
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().kind,
                  difference < 0 ? OpenFailure::older_format : OpenFailure::newer_format);
        const std::string_view advice = difference < 0 ? "purge-chain" : "use a newer version";
        EXPECT_NE(opened.error().message.find(advice), std::string::npos) << opened.error().message;
    }
}

TEST(Database, makes_its_columns_without_rewriting_the_options_for_each) {
    FaultFileSystem files;
    const auto database = open_over(files);
    // Each rewrite of the file of options costs a sync of its own and one of the folder.
    EXPECT_LT(files.sync_count(), 2 * kColumnCount);
}

TEST(Database, finishes_a_first_start_that_was_cut_short) {
    Prng random(Seed{4});
    std::uint64_t needed = 0;
    {
        FaultFileSystem files;
        files.set_space(1 << 20);
        ASSERT_NE(open_over(files), nullptr);
        needed = (1 << 20) - files.space().value();
    }
    int cut = 0;
    for (std::uint64_t space = 0; space < needed; space += 1 + needed / 40) {
        FaultFileSystem files;
        files.set_space(space);
        cut += open_database("/db", {.file_system = &files}) ? 0 : 1;
        files.set_space(std::nullopt);
        if (random.chance(1, 2)) {
            files.restart(random);
        }
        const auto database = open_over(files);
        ASSERT_NE(database, nullptr) << "after " << space << " bytes";
        EXPECT_TRUE(database->check_genesis(Bytes(32, 1)));
    }
    EXPECT_GT(cut, 20);
}

TEST(Database, belongs_to_one_chain) {
    FaultFileSystem files;
    const auto database = open_over(files);
    EXPECT_TRUE(database->check_genesis(Bytes(32, 1)));
    EXPECT_TRUE(database->check_genesis(Bytes(32, 1)));
    const auto other = database->check_genesis(Bytes(32, 2));
    ASSERT_FALSE(other);
    EXPECT_NE(other.error().message().find("0x0101"), std::string::npos);
}

TEST(Database, iterates_within_bounds_of_a_snapshot) {
    FaultFileSystem files;
    const auto database = open_over(files);
    WriteBatch batch;
    for (std::uint64_t i = 0; i < 10; ++i) {
        put(batch, Column::values, i, {static_cast<std::uint8_t>(i)});
    }
    ASSERT_TRUE(database->commit(batch, Durability::buffered));
    const auto before = database->snapshot();
    WriteBatch later;
    later.erase_range(Column::values, key_of(2), key_of(8));
    ASSERT_TRUE(database->commit(later, Durability::buffered));

    const auto walk = before->iterate(Column::values, key_of(3), key_of(6));
    std::vector<std::uint8_t> seen;
    for (walk->seek(key_of(0)); walk->valid(); walk->next()) {
        seen.push_back(walk->value()[0]);
    }
    EXPECT_EQ(seen, (std::vector<std::uint8_t>{3, 4, 5}));
    walk->seek_for_prev(key_of(9));
    ASSERT_TRUE(walk->valid());
    EXPECT_EQ(walk->value()[0], 5);
    EXPECT_EQ(*database->get(Column::values, key_of(3)), std::nullopt);
    EXPECT_EQ(*before->get(Column::values, key_of(3)), Bytes{3});
}

TEST(Database, finds_history_rows_after_flushing_and_drops_those_at_the_floor) {
    FaultFileSystem files;
    const auto database = open_over(files);
    const auto row = [](std::string_view key, std::uint64_t number) {
        Bytes out = to_bytes(key);
        append_be(out, number);
        return out;
    };
    WriteBatch batch;
    for (std::uint64_t number = 1; number <= 20; ++number) {
        batch.put(Column::value_history, row("aa", number), {static_cast<std::uint8_t>(number)});
        batch.put(Column::value_history, row("bb", number), {0});
    }
    ASSERT_TRUE(database->commit(batch, Durability::buffered));
    ASSERT_TRUE(database->compact(Column::value_history));
    Bytes end = to_bytes("aa");
    end.insert(end.end(), 8, 0xff);
    const auto first_above = [&](std::uint64_t number) -> std::optional<Bytes> {
        const auto walk = database->iterate(Column::value_history, row("aa", number + 1), end);
        walk->seek(row("aa", number + 1));
        return walk->valid() ? std::optional(to_bytes(walk->value())) : std::nullopt;
    };
    EXPECT_EQ(first_above(7), Bytes{8});
    EXPECT_EQ(first_above(20), std::nullopt);

    database->set_history_floor(12);
    database->set_history_floor(5);  // never moves back
    ASSERT_TRUE(database->compact(Column::value_history));
    EXPECT_EQ(first_above(3), Bytes{13});
    std::size_t rows = 0;
    const auto walk = database->iterate(Column::value_history, {}, {});
    for (walk->seek({}); walk->valid(); walk->next()) {
        ++rows;
    }
    EXPECT_EQ(rows, 16U);
}

TEST(Database, survives_a_full_disk) {
    FaultFileSystem files;
    const auto database = open_over(files);
    WriteBatch first;
    put(first, Column::bodies, 0, Bytes(100, 7));
    ASSERT_TRUE(database->commit(first, Durability::synced));
    files.set_space(1000);
    WriteBatch big;
    put(big, Column::bodies, 1, Prng(Seed{1}).bytes(5000));
    put(big, Column::headers, 1, {1});
    const auto failed = database->commit(big, Durability::synced);
    ASSERT_FALSE(failed);
    EXPECT_NE(failed.error().message().find("no space"), std::string::npos)
        << failed.error().message();
    EXPECT_EQ(*database->get(Column::headers, key_of(1)), std::nullopt);
    EXPECT_EQ((*database->get(Column::bodies, key_of(0)))->size(), 100U);

    files.set_space(std::nullopt);
    // It looks every five seconds whether there is room again.
    auto retried = database->commit(big, Durability::synced);
    for (int tries = 0; !retried && tries < 150; ++tries) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        retried = database->commit(big, Durability::synced);
    }
    ASSERT_TRUE(retried) << retried.error().message();
    EXPECT_EQ((*database->get(Column::bodies, key_of(1)))->size(), 5000U);
}

TEST(Database, ends_with_an_error_wherever_the_disk_gets_full) {
    Prng random(Seed{5});
    for (std::uint64_t space = 1000; space < 2'000'000; space += space / 2) {
        FaultFileSystem files;
        std::uint64_t written = 0;
        {
            const auto database = open_over(files);
            ASSERT_NE(database, nullptr);
            files.set_space(space);
            Result<> done;
            while (done && written < 2000) {
                WriteBatch batch;
                put(batch, Column::values, written, random.bytes(random.below(3000)));
                batch.erase_range(Column::journal, key_of(0), key_of(written));
                put(batch, Column::journal, written, random.bytes(300));
                put(batch, Column::meta, 0, key_of(written));
                done = database->commit(
                    batch, random.chance(1, 4) ? Durability::synced : Durability::buffered);
                if (done && random.chance(1, 8)) {
                    done =
                        database->compact(random.chance(1, 2) ? Column::journal : Column::values);
                }
                written += done ? 1U : 0U;
            }
            ASSERT_FALSE(done) << space;
            EXPECT_NE(done.error().message().find("o space left on device"), std::string::npos)
                << done.error().message();
        }
        files.set_space(std::nullopt);
        const auto database = open_over(files);
        ASSERT_NE(database, nullptr) << space;
        if (written > 0) {
            const auto last = *database->get(Column::meta, key_of(0));
            ASSERT_TRUE(last) << space;
            EXPECT_GE(load_be<std::uint64_t>(*last) + 1, written) << space;
        }
    }
}

/// Random batches with power cuts: what is there afterwards is the state after some batch at or
/// past the last synced one.
void crash_loop(Seed seed) {
    using Model = std::map<std::pair<Column, std::uint64_t>, Bytes>;
    static constexpr Column kColumns[] = {Column::values, Column::nodes, Column::journal,
                                          Column::headers};
    Prng random(seed);
    FaultFileSystem files;
    Model model;
    for (int life = 0; life < 5; ++life) {
        auto database = open_over(files);
        ASSERT_NE(database, nullptr);
        std::vector<Model> durable{model};  // states the disk may come back with
        const std::uint64_t batches = random.below(40);
        for (std::uint64_t i = 0; i < batches; ++i) {
            WriteBatch batch;
            Model next = durable.back();
            for (std::uint64_t op = random.below(20) + 1; op > 0; --op) {
                const Column column = kColumns[random.below(4)];
                const std::uint64_t key = random.below(30);
                if (random.chance(1, 10)) {
                    batch.erase_range(column, key_of(key), key_of(key + 5));
                    next.erase(next.lower_bound({column, key}),
                               next.lower_bound({column, key + 5}));
                } else if (random.chance(1, 3)) {
                    batch.erase(column, key_of(key));
                    next.erase({column, key});
                } else {
                    Bytes value = random.bytes(random.below(2000));
                    batch.put(column, key_of(key), value);
                    next[{column, key}] = std::move(value);
                }
            }
            const bool synced = random.chance(1, 8);
            ASSERT_TRUE(
                database->commit(batch, synced ? Durability::synced : Durability::buffered));
            if (synced) {
                durable.clear();
            }
            durable.push_back(std::move(next));
            if (random.chance(1, 15)) {
                ASSERT_TRUE(database->compact(kColumns[random.below(4)]));
            }
        }
        files.crash();
        database.reset();
        files.restart(random);
        database = open_over(files);
        ASSERT_NE(database, nullptr);
        Model found;
        for (const Column column : kColumns) {
            const auto walk = database->iterate(column, {}, {});
            for (walk->seek({}); walk->valid(); walk->next()) {
                found[{column, load_be<std::uint64_t>(walk->key())}] = to_bytes(walk->value());
            }
        }
        ASSERT_TRUE(std::find(durable.begin(), durable.end(), found) != durable.end())
            << "seed " << seed.value << " life " << life;
        model = found;
        ASSERT_TRUE(database->sync());
    }
}

TEST(Database, comes_back_from_power_cuts_with_a_prefix_of_its_batches) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        crash_loop(Seed{seed});
        if (::testing::Test::HasFatalFailure()) {
            return;
        }
    }
}

}  // namespace
}  // namespace stipple::io
