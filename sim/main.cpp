#include "sim/command_line.hpp"

int main(int count, char** words) {
    return stipple::sim::run_command_line(count, words);
}
