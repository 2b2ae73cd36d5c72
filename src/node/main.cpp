#include "node/cli.hpp"

int main(int argc, char** argv) {
    return stipple::node::run_command_line(argc, argv);
}
