// Nothing a node keeps grows beyond the bound its machine names.
#pragma once

#include "sim/checkers/checker.hpp"

namespace stipple::sim {

class BoundsChecker final : public Checker {
 public:
    using Checker::Checker;
    /// Looks at every so many events.
    static constexpr std::uint64_t kStride = 32;

    void on_step(NodeIndex node, const Node& state) override;

 private:
    void hold(NodeIndex node, const char* what, std::size_t found, std::size_t most);
    std::uint64_t steps_ = 0;
};

}  // namespace stipple::sim
