// Loop `entry`, tests/device_source/src/loops/mod.rs:250
// Races: staging in blocks
// 0: b(Inc, cell_nodes[i], third[j]), aos
// 1: index(i)
// 2: index(j)
// 3: s(Read, third[j]), aos
// 4: own(Inc), aos
// 5: row(Inc, cell_nodes[i]), aos
// 6: low(Min, third[j]), aos
// 7: d(Inc, cell_nodes[3]), aos
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#pragma OPENCL FP_CONTRACT OFF
#define OP2_FUNCTION static
#define OP2_CONSTANT __constant const
typedef long i64;
typedef ulong u64;
typedef double f64;
typedef float f32;
typedef int i32;
typedef unsigned int u32;
typedef unsigned char u8;
typedef u64 usize;
typedef u8 boolean;

OP2_FUNCTION i32 op2_sub_i32(i32 a, i32 b) { return (i32)((u32)a - (u32)b); }
OP2_FUNCTION i32 op2_min_i32(i32 a, i32 b) { return b < a ? b : a; }
typedef struct { f64 v[2]; } f64_2;
typedef char op2_size_of_f64_2[(sizeof(f64_2) == 16) ? 1 : -1];

#line 166 "tests/device_source/src/loops/kernels.rs"
OP2_FUNCTION void op2_kernel_entry(f64 *a_0, const u64 *i_1, const u64 *j_2, const f64 *x_3, f64_2 *own_4, f64 *row_5, i32 *low_6, f64 *d_7)
{
#line 177 "tests/device_source/src/loops/kernels.rs"
(*a_0) = ((*a_0) + ((*x_3) * ((f64)(((((u64)3u) * (*i_1)) + (*j_2)) + ((u64)1u)))));
#line 178 "tests/device_source/src/loops/kernels.rs"
own_4->v[0] = (own_4->v[0] + (*x_3));
#line 179 "tests/device_source/src/loops/kernels.rs"
own_4->v[1] = (own_4->v[1] + 1.0);
#line 180 "tests/device_source/src/loops/kernels.rs"
(*row_5) = ((*row_5) + ((f64)((*i_1) + (((u64)2u) * (*j_2)))));
#line 181 "tests/device_source/src/loops/kernels.rs"
(*low_6) = op2_min_i32((*low_6), op2_sub_i32(((i32)(*i_1)), ((i32)(*j_2))));
#line 182 "tests/device_source/src/loops/kernels.rs"
(*d_7) = ((*d_7) + 1.0);
}

#line 1 "op2"

#line 1 "op2_loop_entry"
typedef unsigned short u16;
OP2_FUNCTION f64 loop_inc_f64(f64 a, f64 b) { return a + b; }
OP2_FUNCTION i32 loop_min_i32(i32 a, i32 b) { return b < a ? b : a; }

__kernel __attribute__((reqd_work_group_size(64, 1, 1))) void op2_loop_entry(
    const u32 lo,
    const u32 positions,
    __global f64 *restrict data0,
    __global const f64 *restrict data3,
    __global const u32 *restrict table3,
    const u32 table3_stride,
    __global f64 *restrict data4,
    __global f64 *restrict data5,
    __global i32 *restrict data6,
    __global f64 *restrict data7,
    __global const u32 *restrict blocks,
    __global const u16 *restrict colors,
    __global const u32 *restrict num_colors,
    __global const u32 *restrict offsets0,
    __global const u32 *restrict rows0,
    __global const u16 *restrict places0,
    __global const u32 *restrict offsets5,
    __global const u32 *restrict rows5,
    __global const u16 *restrict places5,
    __global const u32 *restrict offsets6,
    __global const u32 *restrict rows6,
    __global const u16 *restrict places6,
    __global const u32 *restrict offsets7,
    __global const u32 *restrict rows7,
    __global const u16 *restrict places7
) {
    __local u64 shared[448];
    const u32 item = (u32)get_local_id(0);
    const u32 block = blocks[lo + (u32)get_group_id(0)];
    const u64 at = (u64)block * 64 + item;
    const boolean active = at < positions;

    __local f64 *const sums0 = (__local f64 *)(shared + 0);
    const u32 start0 = offsets0[block];
    const u32 count0 = offsets0[block + 1] - start0;
    for (u32 r = item; r < count0; r += 64) {
        sums0[r] = 0;
    }
    __local f64 *const sums5 = (__local f64 *)(shared + 128);
    const u32 start5 = offsets5[block];
    const u32 count5 = offsets5[block + 1] - start5;
    for (u32 r = item; r < count5; r += 64) {
        sums5[r] = 0;
    }
    __local i32 *const sums6 = (__local i32 *)(shared + 256);
    const u32 start6 = offsets6[block];
    const u32 count6 = offsets6[block + 1] - start6;
    for (u32 r = item; r < count6; r += 64) {
        const u32 row = rows6[start6 + r];
        sums6[r] = data6[row];
    }
    __local f64 *const sums7 = (__local f64 *)(shared + 320);
    const u32 start7 = offsets7[block];
    const u32 count7 = offsets7[block + 1] - start7;
    for (u32 r = item; r < count7; r += 64) {
        sums7[r] = 0;
    }
    barrier(CLK_LOCAL_MEM_FENCE);

    f64 own0[12];
    #pragma unroll
    for (u32 k = 0; k < 12; ++k) {
        f64 none = {0};
        own0[k] = none;
    }
    f64 own5[4];
    #pragma unroll
    for (u32 k = 0; k < 4; ++k) {
        f64 none = {0};
        own5[k] = none;
    }
    i32 own6[3];
    #pragma unroll
    for (u32 k = 0; k < 3; ++k) {
        i32 none;
        none = 2147483647;
        own6[k] = none;
    }
    f64 own7 = {0};
    if (active) {
        const u32 element = (u32)at;
        for (u32 point0 = 0; point0 < 4; ++point0) {
            for (u32 point1 = 0; point1 < 3; ++point1) {
                f64 arg0 = {0};
                const u64 arg1 = point0;
                const u64 arg2 = point1;
                const u32 row3 = table3[(usize)point1 * table3_stride + element];
                f64 arg3;
                arg3 = data3[row3];
                f64_2 arg4;
                #pragma unroll
                for (u32 c = 0; c < 2; ++c) {
                    ((f64 *)&arg4)[c] = data4[(usize)element * 2 + c];
                }
                f64 arg5 = {0};
                const u32 row6 = table3[(usize)point1 * table3_stride + element];
                i32 arg6;
                arg6 = data6[row6];
                f64 arg7 = {0};
                op2_kernel_entry(&arg0, &arg1, &arg2, &arg3, &arg4, &arg5, &arg6, &arg7);
                own0[point0 * 3 + point1] = loop_inc_f64(own0[point0 * 3 + point1], arg0);
                #pragma unroll
                for (u32 c = 0; c < 2; ++c) {
                    data4[(usize)element * 2 + c] = ((f64 *)&arg4)[c];
                }
                own5[point0] = loop_inc_f64(own5[point0], arg5);
                own6[point1] = loop_min_i32(own6[point1], arg6);
                own7 = loop_inc_f64(own7, arg7);
            }
        }
    }

    u16 place0[12];
    u16 place5[4];
    u16 place6[3];
    u16 place7[1];
    if (active) {
        #pragma unroll
        for (u32 k = 0; k < 12; ++k) {
            place0[k] = places0[(usize)k * positions + at];
        }
        #pragma unroll
        for (u32 k = 0; k < 4; ++k) {
            place5[k] = places5[(usize)k * positions + at];
        }
        #pragma unroll
        for (u32 k = 0; k < 3; ++k) {
            place6[k] = places6[(usize)k * positions + at];
        }
        place7[0] = places7[at];
    }
    const u32 color = active ? colors[at] : 0xffffffffu;
    const u32 turns = num_colors[block];
    for (u32 turn = 0; turn < turns; ++turn) {
        if (turn == color) {
            #pragma unroll
            for (u32 k = 0; k < 12; ++k) {
                sums0[place0[k]] = loop_inc_f64(sums0[place0[k]], ((f64 *)own0)[k]);
            }
            #pragma unroll
            for (u32 k = 0; k < 4; ++k) {
                sums5[place5[k]] = loop_inc_f64(sums5[place5[k]], ((f64 *)own5)[k]);
            }
            #pragma unroll
            for (u32 k = 0; k < 3; ++k) {
                sums6[place6[k]] = loop_min_i32(sums6[place6[k]], ((i32 *)own6)[k]);
            }
            sums7[place7[0]] = loop_inc_f64(sums7[place7[0]], own7);
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    for (u32 r = item; r < count0; r += 64) {
        const u32 row = rows0[start0 + r];
        data0[row] = loop_inc_f64(data0[row], sums0[r]);
    }
    for (u32 r = item; r < count5; r += 64) {
        const u32 row = rows5[start5 + r];
        data5[row] = loop_inc_f64(data5[row], sums5[r]);
    }
    for (u32 r = item; r < count6; r += 64) {
        const u32 row = rows6[start6 + r];
        data6[row] = loop_min_i32(data6[row], sums6[r]);
    }
    for (u32 r = item; r < count7; r += 64) {
        const u32 row = rows7[start7 + r];
        data7[row] = loop_inc_f64(data7[row], sums7[r]);
    }
}
