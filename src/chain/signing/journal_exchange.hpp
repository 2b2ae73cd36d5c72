// The signing journal as a text that travels with a validator from one machine to another.
//
//   stipple-signing-journal 1
//   chain westend2
//   babe_block 0x<key> <set> <slot> 0x<target>
//   grandpa_prevote 0x<key> <set> <round> 0x<target>
//   end <lines> 0x<first 16 bytes of BLAKE2b of all text before this line>
//
// It holds what the journal holds, the newest intent of each kind and key, and no secret. The last
// line tells a text that was cut or edited. Reading is bounded by kJournalTextBytesMax.
#pragma once

#include "chain/signing/journal.hpp"

namespace stipple::chain {

inline constexpr std::size_t kJournalTextBytesMax = std::size_t{4} << 20;

std::string export_journal(const std::vector<SigningIntent>& newest, std::string_view chain_id);
/// An error says what is wrong and in which line.
Result<std::vector<SigningIntent>> parse_journal(std::string_view text, std::string_view chain_id);

}  // namespace stipple::chain
