#include "io/key_files.hpp"

#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <sys/stat.h>

namespace stipple::io {

namespace {

class KeyFilesTest : public ::testing::Test {
 protected:
    static unsigned mode_of(const std::string& path) {
        struct stat facts{};
        EXPECT_EQ(::stat(path.c_str(), &facts), 0);
        return facts.st_mode & 0777U;
    }

    const stipple::testing::TemporaryFolder folder_;
    const std::string root_ = folder_.path().string();
};

TEST_F(KeyFilesTest, one_at_a_time_holds_the_lock) {
    auto first = KeyFiles::open(root_ + "/signing");
    ASSERT_TRUE(first && first->lock());
    auto second = KeyFiles::open(root_ + "/signing");
    ASSERT_TRUE(second);
    const auto refused = second->lock();
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message().find("stop it first"), std::string::npos);
    {
        const KeyFiles moved = std::move(*first);
        EXPECT_FALSE(second->lock());
    }
    EXPECT_TRUE(second->lock());
}

TEST_F(KeyFilesTest, what_is_written_is_private_and_comes_back) {
    const std::string folder = root_ + "/chains/dev/keystore";
    auto files = KeyFiles::open(folder);
    ASSERT_TRUE(files) << files.error().message();
    EXPECT_EQ(mode_of(folder), 0700u);
    ASSERT_TRUE(files->replace("b", as_bytes("first")));
    ASSERT_TRUE(files->replace("b", as_bytes("second")));
    ASSERT_TRUE(files->replace("a", as_bytes("")));
    EXPECT_EQ(mode_of(folder + "/b"), 0600u);
    EXPECT_EQ(*files->list(), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(as_text(**files->read("b", 100)), "second");
    ASSERT_TRUE(files->append("b", as_bytes(" and more")));
    ASSERT_TRUE(files->sync("b"));
    EXPECT_EQ(as_text(**files->read("b", 100)), "second and more");
    EXPECT_FALSE(files->read("missing", 100)->has_value());
    EXPECT_FALSE(files->read("b", 5)) << "longer than asked for";
}

TEST_F(KeyFilesTest, links_and_folders_are_no_key_files) {
    auto files = KeyFiles::open(root_);
    ASSERT_TRUE(files);
    std::filesystem::create_symlink("/etc/hostname", root_ + "/link");
    std::filesystem::create_directory(root_ + "/folder");
    EXPECT_FALSE(files->read("link", 1000));
    EXPECT_FALSE(files->read("folder", 1000));
    EXPECT_FALSE(files->append("missing", as_bytes("x")));
    EXPECT_FALSE(files->sync("missing"));
}

TEST_F(KeyFilesTest, a_file_in_place_of_the_folder_is_an_error) {
    auto files = KeyFiles::open(root_);
    ASSERT_TRUE(files->replace("file", as_bytes("x")));
    EXPECT_FALSE(KeyFiles::open(root_ + "/file"));
    EXPECT_FALSE(KeyFiles::open(root_ + "/file/below"));
}

}  // namespace

}  // namespace stipple::io
