#include "kit/metadata_pack.hpp"

#include "kit/metadata.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime {
namespace {

std::vector<Bytes> all_versions() {
    std::vector<Bytes> texts;
    for (const std::uint32_t version : kMetadataVersions) {
        texts.push_back(metadata(version).value_or(Bytes{}));
    }
    return texts;
}

TEST(MetadataPack, gives_each_version_back_from_less_than_a_third_of_the_bytes) {
    const std::vector<Bytes> texts = all_versions();
    const Bytes packed = pack_metadata(texts);
    std::size_t all = 0;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        EXPECT_EQ(unpack_metadata(packed, i), texts[i]);
        all += texts[i].size();
    }
    EXPECT_LT(packed.size(), all / 3);
    EXPECT_EQ(unpack_metadata(packed, texts.size()), std::nullopt);
}

TEST(MetadataPack, copies_that_overlap_what_they_write_are_whole) {
    const std::vector<Bytes> texts{Bytes(1000, 7), {}, to_bytes(as_bytes("abcdefabcdefabcdefabc"))};
    const Bytes packed = pack_metadata(texts);
    EXPECT_LT(packed.size(), 60U);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        EXPECT_EQ(unpack_metadata(packed, i), texts[i]);
    }
}

TEST(MetadataPack, damaged_bytes_end_without_an_answer_or_with_one_of_the_size_told) {
    const std::vector<Bytes> texts{to_bytes(as_bytes("one text of some length")),
                                   to_bytes(as_bytes("one text of another length")), Bytes(40, 1)};
    const Bytes packed = pack_metadata(texts);
    for (std::size_t cut = 0; cut < packed.size(); ++cut) {
        EXPECT_EQ(unpack_metadata(ByteView(packed).first(cut), 2), std::nullopt);
    }
    for (std::size_t at = 12; at < packed.size(); ++at) {
        for (const unsigned value : {0x00U, 0x03U, 0xfeU, 0xffU}) {
            Bytes other = packed;
            other[at] = static_cast<std::uint8_t>(value);
            const auto got = unpack_metadata(other, 1);
            EXPECT_TRUE(!got || got->size() == texts[1].size());
        }
    }
}

}  // namespace
}  // namespace stipple::runtime
